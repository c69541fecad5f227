"""Opens files with LibreOffice and saves them again, as users do before an import."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

# Comma, quotation mark, UTF-8, from the first line: the correct import settings.
AS_COMMAS = "--infilter=Text - txt - csv (StarCalc):44,34,76,1"
TO_SEMICOLONS = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true"
"""The default export settings in many countries: semicolons, and cells as displayed."""


def convert(soffice: str, sources: Sequence[Path], to: str, folder: Path) -> None:
    """Open comma-separated files with LibreOffice, and save them in the format `to` in `folder`."""
    home = folder / "home"
    home.mkdir()
    subprocess.run(
        [
            *(soffice, "--headless", f"-env:UserInstallation={(home / 'profile').as_uri()}"),
            *(AS_COMMAS, "--convert-to", to, "--outdir", str(folder), *map(str, sources)),
        ],
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        timeout=180,
    )
