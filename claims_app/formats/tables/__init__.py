"""The formats of tables: one writer for each, all fed with the columns of `formats.columns`.

To write a table: `TABLE_FORMATS["parquet"].write(Table("claims", CLAIMS), parts)`.
"""

from claims_app.formats.tables import delimited_text, json_lines, parquet, xlsx
from claims_app.formats.tables.table import About, CellTooLong, PackageMissing, Part, Table, TableFormat

__all__ = ["TABLE_FORMATS", "About", "CellTooLong", "PackageMissing", "Part", "Table", "TableFormat"]

TABLE_FORMATS = {
    each.name: each
    for each in (
        TableFormat(
            "csv",
            "CSV",
            "spreadsheets, R, pandas, and files that are edited and imported again",
            "text/csv",
            delimited_text.write_csv,
            is_text=True,
            has_profiles=True,
        ),
        TableFormat(
            "tsv",
            "TSV",
            "command-line tools, and programs that paste tables",
            "text/tab-separated-values",
            delimited_text.write_tsv,
            is_text=True,
            has_profiles=True,
        ),
        TableFormat(
            "jsonl",
            "JSON Lines",
            "programs that read row by row; lists are arrays",
            "application/jsonl",
            json_lines.write,
            is_text=True,
        ),
        TableFormat(
            "parquet",
            "Parquet",
            "pandas, polars, DuckDB and R (arrow): typed and small",
            "application/vnd.apache.parquet",
            parquet.write,
            says_what_it_is=True,
            extra="parquet",
            package="pyarrow",
        ),
        TableFormat(
            "xlsx",
            "Excel",
            "Excel and LibreOffice, with a sheet that explains the columns",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx.write,
            most_rows=xlsx.MOST_ROWS,
            whole=True,
            says_what_it_is=True,
            extra="xlsx",
            package="xlsxwriter",
        ),
    )
}
"""The formats by name."""
