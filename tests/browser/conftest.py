"""A real browser and a real server: Chromium, and `claims up` in its own folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from claims_app.services.accounts import users
from claims_app.vocabulary import Role
from tests.commands.test_commands import address_of
from tests.conftest import BY_TEST
from tests.support.databases import opened

CLAIMS = str(Path(sys.executable).with_name("claims"))
NAMES = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "a good password"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser. Without one, the tests are skipped, except in CI."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium, and CI skips nothing.")
        pytest.skip("There is no Chromium here.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server."""
    return tmp_path_factory.mktemp("site")


def database_of(site_folder: Path) -> str:
    """Return the address of the database of a server that `claims up` started in a folder."""
    return f"sqlite:///{site_folder / 'instance' / 'claims.sqlite3'}"


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    """The address of a server that `claims up` started in an empty folder, with a curator, ada, and an admin, grace."""
    folder = site_folder
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    server = subprocess.Popen(
        [CLAIMS, "up", "--port", "0"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        address = f"http://{address_of(server)}"
        with opened(database_of(folder)) as database, database.writing(BY_TEST) as session:
            users.add_user(session, "ada", Role.CURATOR, PASSWORD)
            users.add_user(session, "grace", Role.ADMIN, PASSWORD)
        for version in ("2026.10", "2026.11"):
            subprocess.run(
                [CLAIMS, "release", "create", version, "--yes"],
                cwd=folder,
                env=environment,
                check=True,
                capture_output=True,
            )
        yield address
    finally:
        server.terminate()
        server.communicate()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, site: str) -> Iterator[OpenPage]:
    """Opens pages of the site; none may log an error to its console, or ask another host for anything."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage) -> None:
        # Chromium reports each 4xx response as an error; tests check these where they are expected.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def watch(request: Request) -> None:
        if not request.url.startswith((site, "data:", "blob:", "about:")):
            complaints.append(f"{request.url} is on another host")

    def open_one(
        width: int = 1280,
        scheme: str = "light",
        signed_in: bool = False,
        javascript: bool = True,
        name: str = "ada",
    ) -> Page:
        context = chromium.new_context(
            base_url=site,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", listen)
        page.on("request", watch)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if signed_in:
            page.goto("/login")
            page.get_by_label("Name").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.get_by_text(f"You are logged in as {name}.").wait_for()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
