"""Temporary folders for the databases of tests, in memory if there is enough space."""

import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # used only through mkdtemp, which makes a private folder
_ROOM = 2 * 1024**3


def make_quick_folder(prefix: str) -> Path:
    """Create a folder for one run of the tests and return it; the caller deletes it."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if roomy else None))
