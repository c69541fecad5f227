"""The archive of a release: a ZIP file with the same bytes whenever it is made of the same files."""

import datetime
import zipfile
from collections.abc import Iterable
from pathlib import Path

_CHUNK = 1024 * 1024
_COMPRESSED = (".parquet",)
"""The ends of the names of files that are compressed already."""


def write(archive: Path, folder: Path, names: Iterable[str], top: str, moment: datetime.datetime) -> None:
    """Write the files called `names` in `folder` into an archive, below its folder `top`, dated `moment`."""
    # ZIP has no time zone, no odd seconds and no years before 1980.
    when = moment.astimezone(datetime.UTC)
    dated = (max(when.year, 1980), when.month, when.day, when.hour, when.minute, when.second // 2 * 2)
    with zipfile.ZipFile(archive, "w") as file:
        for name in sorted(names):
            path = folder / name
            entry = zipfile.ZipInfo(f"{top}/{name}", dated)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o100644 << 16
            stored = name.endswith(_COMPRESSED)
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, file.open(entry, "w") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
