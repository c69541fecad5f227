"""Properties of all templates and scripts: short lines, and scripts as modules (see also `conftest.py`)."""

import re
from pathlib import Path

import pytest

from claims_app import web

TEMPLATES = Path(web.__file__).parent.parent / "templates"
SCRIPTS = Path(web.__file__).parent.parent / "static"

LONGEST_LINE = 120


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.*")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_line_is_longer_than_the_limit(path: Path) -> None:
    too_long = [n for n, line in enumerate(path.read_text().splitlines(), 1) if len(line) > LONGEST_LINE]
    assert too_long == []


def test_every_script_is_a_module_of_its_own_file() -> None:
    for path in TEMPLATES.rglob("*.html"):
        for tag in re.findall(r'<script\b(?! type="application/ld\+json">)[^>]*>', path.read_text()):
            assert re.match(r'<script type="module" src="\{\{ url_for\(.static., filename=', tag), (path, tag)


def test_every_form_that_is_sent_says_where_to() -> None:
    for path in TEMPLATES.rglob("*.html"):
        for tag in re.findall(r"<form\b[^>]*>", path.read_text()):
            assert 'method="post"' not in tag or "action=" in tag, (path, tag)


def test_scripts_import_only_existing_modules_beside_them() -> None:
    for path in SCRIPTS.glob("*.js"):
        for name in re.findall(r'from "([^"]+)"', path.read_text()):
            assert (path.parent / name).is_file(), (path, name)
