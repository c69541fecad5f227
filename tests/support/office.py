"""LibreOffice: opens files and saves them again, as people do in between."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

# Comma, quotation mark, UTF-8, from the first line: what a careful person would choose.
AS_COMMAS = "--infilter=Text - txt - csv (StarCalc):44,34,76,1"
TO_SEMICOLONS = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true"
"""What it takes in many countries unless one says otherwise: semicolons, cells as they are shown."""


def convert(soffice: str, sources: Sequence[Path], to: str, folder: Path) -> None:
    """Let LibreOffice open CSV files with commas, and save them in the format `to` in `folder`."""
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
