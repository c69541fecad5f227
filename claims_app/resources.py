"""The folders that come with the program: at the top of a checkout, and inside the package once it is installed."""

from importlib import resources
from pathlib import Path


def folder(name: str) -> Path:
    """Return the folder `name`: that of the installed package (see pyproject.toml), or that of the checkout."""
    package = Path(str(resources.files("claims_app")))
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
