"""Where tests keep databases: in memory if there is room, since none of them is to outlive its test."""

import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # a folder of one's own is made in it
_ROOM = 2 * 1024**3


def make_quick_folder(prefix: str) -> Path:
    """Make a folder for one run of the tests, whose maker deletes it."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if roomy else None))
