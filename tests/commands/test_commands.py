"""The commands, run as a user runs them."""

import contextlib
import csv
import http.client
import io
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from claims_app.config import Settings
from claims_app.database import Database
from claims_app.engines import make_engine
from claims_app.services.system import schema
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_study
from tests.support.browsing import Browser
from tests.support.commands import CLAIMS, LONGEST_SECONDS, Terminal
from tests.support.life import live


@pytest.fixture
def empty_folder(tmp_path: Path) -> Terminal:
    """An empty folder, in which the program creates its database."""
    return Terminal(tmp_path)


@pytest.fixture
def terminal(tmp_path: Path, database_url: str) -> Terminal:
    """A folder with a migrated database."""
    return Terminal(tmp_path, database_url)


@pytest.fixture
def seeded_terminal(tmp_path: Path, seeded_url: str) -> Terminal:
    """A folder with a seeded database."""
    return Terminal(tmp_path, seeded_url)


def address_of(process: subprocess.Popen[str]) -> str:
    """Wait for the address that `claims up` prints, and return it."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if found := re.search(r"http://([\d.]+:\d+)", line):
            return found.group(1)
    raise AssertionError("".join(seen) + (process.stderr.read() if process.stderr else ""))


def fetch(process: subprocess.Popen[str], path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Return the status, headers and body of a response of the server `process`."""
    with contextlib.closing(http.client.HTTPConnection(address_of(process), timeout=10)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


@pytest.fixture
def stopping() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes to stop at the end."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


class TestUp:
    def test_an_empty_folder_becomes_a_served_database_with_the_seed(
        self, empty_folder: Terminal, stopping: list[subprocess.Popen[str]]
    ) -> None:
        process = empty_folder.start("up", "--port", "0")
        stopping.append(process)
        status, _, body = fetch(process, "/claims/CLM-1")
        assert status == 200
        assert "autoantibodies" in body.decode()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 0
        assert out.endswith("Stopped.\n")
        assert [line for line in err.splitlines() if "claims_app.access: answered" not in line] == []
        assert (empty_folder.folder / "instance" / "secret_key").stat().st_mode & 0o077 == 0

    def test_without_an_admin_it_prints_the_command_to_add_one(
        self, terminal: Terminal, stopping: list[subprocess.Popen[str]]
    ) -> None:
        output = self._output_at_start(terminal, stopping)
        command = re.search(r"^  (\S+) user add NAME --role admin$", output, re.MULTILINE)
        assert command is not None
        assert command.group(1) == CLAIMS
        terminal.run("user", "add", "boss", "--role", "admin", typed="a good password\n")
        assert "admin" not in self._output_at_start(terminal, stopping)

    def _output_at_start(self, terminal: Terminal, stopping: list[subprocess.Popen[str]]) -> str:
        process = terminal.start("up", "--no-seed", "--port", "0")
        stopping.append(process)
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Claims is at"):
                break
        return "".join(lines)

    def test_behind_a_proxy_the_setting_reveals_the_visitor(
        self, terminal: Terminal, stopping: list[subprocess.Popen[str]]
    ) -> None:
        terminal.environment["CLAIMS_PROXIES"] = "1"
        process = terminal.start("up", "--no-seed", "--port", "0")
        stopping.append(process)
        address = address_of(process)
        for visitor, statuses in (("192.0.2.1", [401] * 20 + [429]), ("192.0.2.2", [401])):
            headers = {"Authorization": "Bearer wrong", "X-Forwarded-For": visitor}
            for status in statuses:
                with contextlib.closing(http.client.HTTPConnection(address, timeout=10)) as connection:
                    connection.request("GET", "/", headers=headers)
                    assert connection.getresponse().status == status

    def test_without_the_seed_it_starts_empty(
        self, empty_folder: Terminal, stopping: list[subprocess.Popen[str]]
    ) -> None:
        process = empty_folder.start("up", "--no-seed", "--port", "0")
        stopping.append(process)
        _, headers, _ = fetch(process, "/claims.csv")
        assert headers["X-Row-Count"] == "0"

    def test_a_port_in_use_is_reported(self, empty_folder: Terminal) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            done = empty_folder.run("up", "--port", str(other.getsockname()[1]), status=1)
        assert "is already in use" in done.stderr
        assert "--port" in done.stderr

    def test_a_read_only_folder_is_reported(self, empty_folder: Terminal) -> None:
        (empty_folder.folder / "instance").write_text("a file where the folder should be")
        done = empty_folder.run("up", "--port", "0", status=1)
        assert "instance" in done.stderr
        assert "Cannot write" in done.stderr

    def test_a_database_of_a_newer_version_is_reported(self, terminal: Terminal, database_url: str) -> None:
        engine = make_engine(database_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
            connection.execute(text("UPDATE schema_support SET oldest_revision = 'ffffffffffff'"))
        engine.dispose()
        assert "newer version" in terminal.run("up", "--port", "0", status=1).stderr

    def test_an_unreachable_database_is_reported(self, tmp_path: Path) -> None:
        nowhere = Terminal(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
        assert "Database error" in nowhere.run("up", "--port", "0", status=1).stderr


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("SECRET_KEY", "short", "SECRET_KEY is too short or too regular"),
            ("DATABASE_URL", "mysql://x", "DATABASE_URL must begin with"),
            ("CLAIMS_BASE_URL", "claims.example", "CLAIMS_BASE_URL must begin with"),
            ("CLAIMS_PROXIES", "many", "CLAIMS_PROXIES must be the number"),
            ("CLAIMS_MAIL_SERVER", "mail.example.org", "CLAIMS_MAIL_SERVER must be an address"),
            ("CLAIMS_MAIL_SERVER", "smtp://me:secret@mail.example.org:port", "CLAIMS_MAIL_SERVER must be"),
            ("CLAIMS_MAIL_SERVER", "smtp://mail.example.org", "CLAIMS_MAIL_FROM must be"),
            ("CLAIMS_ORCID_CLIENT_ID", "APP-1", "must be set together"),
        ],
    )
    def test_an_invalid_setting_is_reported(
        self, empty_folder: Terminal, name: str, value: str, sentence: str
    ) -> None:
        empty_folder.environment[name] = value
        error = empty_folder.run("check", status=1).stderr
        assert sentence in error
        assert "secret@" not in error

    def test_an_issuer_without_encryption_is_refused(self, empty_folder: Terminal) -> None:
        empty_folder.environment |= {
            "CLAIMS_ORCID_CLIENT_ID": "APP-1",
            "CLAIMS_ORCID_CLIENT_SECRET": "x",
            "CLAIMS_ORCID_ISSUER": "http://127.0.0.1.example.org",
        }
        assert "must begin with https://" in empty_folder.run("check", status=1).stderr

    def test_a_mail_server_is_read_with_its_name_and_password(self) -> None:
        settings = Settings.from_environment(
            {
                "DATABASE_URL": "sqlite://",
                "SECRET_KEY": "a key for tests " * 3,
                "CLAIMS_MAIL_SERVER": "smtps://me%40example.org:p%2Fw@mail.example.org",
                "CLAIMS_MAIL_FROM": "claims@example.org",
            },
            Path("/srv/claims"),  # the settings show it, and that of the checkout may contain anything
        )
        mail = settings.mail
        assert mail is not None
        assert (mail.host, mail.port, mail.tls) == ("mail.example.org", 465, True)
        assert (mail.username, mail.password) == ("me@example.org", "p/w")
        assert "p/w" not in repr(settings)


class TestSchema:
    def test_the_schema_is_upgraded_and_downgraded(self, tmp_path: Path, empty_url: str) -> None:
        terminal = Terminal(tmp_path, empty_url)
        assert "no schema yet" in terminal.run("db", "current").stdout
        terminal.run("db", "upgrade")
        assert schema.head() in terminal.run("db", "current").stdout
        assert "The schema is up to date." in terminal.run("db", "check").stdout
        terminal.run("db", "downgrade", "-1")
        assert "The schema" in terminal.run("db", "check", status=1).stderr
        terminal.run("db", "downgrade", "base")
        assert "no schema yet" in terminal.run("db", "current").stdout

    def test_the_history_lists_every_revision(self, terminal: Terminal) -> None:
        lines = terminal.run("db", "history").stdout.splitlines()
        assert len(lines) == len(schema.history())
        assert lines[-1].startswith(schema.head())

    def test_an_unknown_revision_is_reported(self, terminal: Terminal) -> None:
        assert "nowhere" in terminal.run("db", "upgrade", "nowhere", status=1).stderr


class TestUsers:
    def test_an_account_is_added_listed_and_disabled(self, terminal: Terminal) -> None:
        terminal.run("user", "add", "Ada", "--role", "curator", typed="a good password\n")
        assert "ada  curator" in terminal.run("user", "list").stdout
        terminal.run("user", "set-password", "ada", typed="another password\n")
        terminal.run("user", "disable", "ada")
        assert "ada  curator  (disabled)" in terminal.run("user", "list").stdout

    @pytest.mark.parametrize(
        ("arguments", "typed", "status", "sentence"),
        [
            (["add", "ada", "--role", "curator"], "short\n", 1, "Use 8 to 1000 characters"),
            (["add", "a b", "--role", "curator"], "a good password\n", 1, "Use 2 to 64 characters"),
            (["add", "ada", "--role", "king"], "a good password\n", 2, "'king' is not one of"),
            (["add", "ada"], "a good password\n", 2, "--role"),
            (["disable", "nobody"], "", 1, "There is no account “nobody”"),
        ],
    )
    def test_invalid_arguments_are_reported(
        self, terminal: Terminal, arguments: list[str], typed: str, status: int, sentence: str
    ) -> None:
        assert sentence in terminal.run("user", *arguments, typed=typed, status=status).stderr

    def test_user_names_are_unique(self, terminal: Terminal) -> None:
        terminal.run("user", "add", "ada", "--role", "curator", typed="a good password\n")
        done = terminal.run("user", "add", "ADA", "--role", "admin", typed="a good password\n", status=1)
        assert "already" in done.stderr

    def test_a_role_is_changed_and_an_account_enabled_again(self, terminal: Terminal) -> None:
        terminal.run("user", "add", "ada", "--role", "curator", typed="a good password\n")
        assert "ada is now editor" in terminal.run("user", "set-role", "ada", "editor").stdout
        terminal.run("user", "disable", "ada")
        terminal.run("user", "enable", "ada")
        assert terminal.run("user", "list").stdout == "ada  editor\n"

    def test_the_last_admin_cannot_be_removed(self, terminal: Terminal) -> None:
        terminal.run("user", "add", "boss", "--role", "admin", typed="a good password\n")
        assert "last admin" in terminal.run("user", "disable", "boss", status=1).stderr
        assert "last admin" in terminal.run("user", "set-role", "boss", "editor", status=1).stderr

    def test_a_password_reset_link_is_the_only_output(self, terminal: Terminal) -> None:
        terminal.run("user", "add", "ada", "--role", "curator", typed="a good password\n")
        terminal.environment["CLAIMS_BASE_URL"] = "https://claims.example"
        done = terminal.run("user", "reset", "ada")
        assert re.fullmatch(r"https://claims\.example/reset/[\w-]{43}\n", done.stdout)
        assert "works once" in done.stderr

    def test_a_reset_link_for_an_unknown_account_is_refused(self, terminal: Terminal) -> None:
        assert "no account" in terminal.run("user", "reset", "nobody", status=1).stderr


class TestTokens:
    def test_a_token_is_created_listed_and_revoked(self, terminal: Terminal) -> None:
        terminal.run("user", "add", "ada", "--role", "curator", typed="a good password\n")
        made = terminal.run("token", "add", "ada", "--scope", "read", "--days", "30", "--label", "my script")
        assert re.fullmatch(r"claims_[\w-]{43}\n", made.stdout)
        listed = terminal.run("token", "list", "ada").stdout
        assert re.match(r"1  ada  read  expires \d{4}-\d\d-\d\d  never used  my script", listed)
        assert made.stdout.strip() not in listed
        terminal.run("token", "revoke", "1")
        assert "revoked" in terminal.run("token", "list").stdout

    @pytest.mark.parametrize(
        ("arguments", "status", "sentence"),
        [
            (["add", "nobody", "--scope", "read"], 1, "no account"),
            (["add", "ada"], 2, "--scope"),
            (["add", "ada", "--scope", "all"], 2, "'all' is not one of"),
            (["revoke", "7"], 1, "no token 7"),
        ],
    )
    def test_invalid_arguments_are_reported(
        self, terminal: Terminal, arguments: list[str], status: int, sentence: str
    ) -> None:
        assert sentence in terminal.run("token", *arguments, status=status).stderr


class TestExport:
    def test_a_file_has_the_same_bytes_as_on_the_web(
        self, seeded_terminal: Terminal, reader: Browser
    ) -> None:
        for name in ("claims", "studies", "evidence", "limitations", "appraisals"):
            target = seeded_terminal.folder / f"{name}.csv"
            done = seeded_terminal.run("export", name, "-o", str(target))
            assert target.read_bytes() == reader.get(f"/{name}.csv").body, name
            assert "profile safe" in done.stderr

    def test_a_file_of_the_past_has_the_same_bytes_as_on_the_web(
        self, terminal: Terminal, browser: Browser
    ) -> None:
        list(live(browser.database))
        for name, moment in (
            ("claims", "2024-06-01"),
            ("claims", "2024-05-20T01:38:15.123456Z"),
            ("studies", "2024-06-01"),
            ("evidence", "2024-06-01"),
            ("limitations", "2024-06-01"),
            ("appraisals", "2024-06-01"),
        ):
            web = browser.get(f"/{name}.csv?as_of={moment}").body
            target = terminal.folder / f"{name}.csv"
            terminal.run("export", name, "--as-of", moment, "-o", str(target))
            assert target.read_bytes() == web != browser.get(f"/{name}.csv").body, (name, moment)

    def test_citations_have_the_same_bytes_as_on_the_web(self, terminal: Terminal, browser: Browser) -> None:
        list(live(browser.database))
        web = browser.get("/studies.bib?as_of=2024-06-01").body
        target = terminal.folder / "studies"
        options = ["--format", "bibtex", "--as-of", "2024-06-01", "-o", str(target)]
        done = terminal.run("export", "studies", *options)
        assert target.read_bytes() == web != b""
        assert "(BibTeX)" in done.stderr

    def test_only_studies_are_exported_as_citations(self, empty_folder: Terminal) -> None:
        done = empty_folder.run("export", "claims", "--format", "ris", status=2)
        assert "Only studies can be exported as RIS." in done.stderr

    def test_only_past_dates_are_accepted(self, terminal: Terminal) -> None:
        assert "not a date or time" in terminal.run("export", "claims", "--as-of", "then", status=1).stderr
        assert "not over" in terminal.run("export", "claims", "--as-of", "2999-01-01", status=1).stderr

    def test_filters_are_those_of_the_page(self, seeded_terminal: Terminal) -> None:
        out = seeded_terminal.run("export", "claims", "--kind", "association", "--kind", "treatment").stdout
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        assert {row["kind"] for row in rows} == {"association", "treatment"}
        done = seeded_terminal.run("export", "claims", "--level", "hihg", status=1)
        assert "Choose from: high" in done.stderr

    def test_a_refused_export_leaves_the_old_file(self, seeded_terminal: Terminal) -> None:
        target = seeded_terminal.folder / "claims.csv"
        target.write_text("the old one")
        seeded_terminal.run("export", "claims", "--topic", "nothing", "-o", str(target), status=1)
        assert target.read_text() == "the old one"
        assert [path.name for path in seeded_terminal.folder.glob("*.part")] == []


class TestImport:
    def test_an_export_imports_unchanged_and_a_new_study_is_added_once(
        self, seeded_terminal: Terminal
    ) -> None:
        file = seeded_terminal.folder / "claims.csv"
        seeded_terminal.run("export", "claims", "-o", str(file))
        assert "28 unchanged." in seeded_terminal.run("import", str(file)).stdout
        ris = seeded_terminal.folder / "library"
        ris.write_text("TY  - JOUR\nTI  - A study of nothing else\nDO  - 10.1000/new\nPY  - 2024\nER  - \n")
        assert "1 new (nothing was saved)" in seeded_terminal.run("import", "--dry-run", str(ris)).stdout
        assert "1 added." in seeded_terminal.run("import", str(ris)).stdout
        assert "1 already here." in seeded_terminal.run("import", str(ris)).stdout

    def test_citations_wait_in_the_inbox_for_a_claim(self, seeded_terminal: Terminal) -> None:
        file = seeded_terminal.folder / "library.ris"
        file.write_text("TY  - JOUR\nTI  - A study of nothing else\nDO  - 10.1000/new\nPY  - 2024\nER  - \n")
        run = seeded_terminal.run
        assert "1 added to inbox." in run("import", "--to-inbox", "--claim", "CLM-1", str(file)).stdout
        assert (
            "no claim CLM-999"
            in run("import", "--to-inbox", "--claim", "CLM-999", str(file), status=1).stderr
        )
        run("import", "--claim", "CLM-1", str(file), status=2)
        run("export", "claims", "-o", str(file))
        assert (
            "only citations can be added to the inbox"
            in run("import", "--to-inbox", str(file), status=1).stderr
        )

    def test_rejected_rows_are_listed_with_their_line(self, terminal: Terminal) -> None:
        file = terminal.folder / "x.csv"
        file.write_text("claim_id,statement\nCLM-9,x\n")
        done = terminal.run("import", str(file), status=1)
        assert "x.csv:2: rejected" in done.stderr
        assert "There is no claim CLM-9" in done.stderr

    def test_a_file_that_is_too_large_is_not_read(self, terminal: Terminal) -> None:
        file = terminal.folder / "x.ris"
        with file.open("wb") as large:
            large.truncate(50 * 1024**3)  # a sparse file: nothing is on the disk
        assert "51,200 MB. The limit is 200 MB" in terminal.run("import", str(file), status=1).stderr

    def test_an_unknown_file_format_is_reported(self, terminal: Terminal) -> None:
        file = terminal.folder / "x"
        file.write_text("nothing known")
        assert "not in a supported format" in terminal.run("import", str(file), status=1).stderr
        terminal.run("import", status=2)

    def test_the_encoding_can_be_chosen(self, terminal: Terminal) -> None:
        file = terminal.folder / "x.csv"
        file.write_bytes("title,doi\nŁódź,10.1000/a\n".encode("iso-8859-2"))
        run = terminal.run
        done = run("import", "--dry-run", "--verbose", "--encoding", "ISO-8859-2", str(file))
        assert "Encoding: ISO-8859-2." in done.stdout
        assert "Łódź" in done.stderr


class TestCheck:
    def test_a_sound_database_has_no_problems(self, seeded_terminal: Terminal) -> None:
        done = seeded_terminal.run("check")
        assert "No problems found." in done.stdout
        assert "claims user add NAME --role admin" in done.stdout
        assert re.search(r"^Checking evidence levels: (\d+) of \1$", done.stderr, re.MULTILINE)

    def test_there_is_no_warning_if_there_is_an_admin(self, terminal: Terminal) -> None:
        terminal.run("user", "add", "boss", "--role", "admin", typed="a good password\n")
        assert "no admin" not in terminal.run("check").stdout

    def test_a_site_with_https_gets_a_hint_about_proxies(self, terminal: Terminal) -> None:
        terminal.environment["CLAIMS_BASE_URL"] = "https://claims.example"
        assert "CLAIMS_PROXIES" in terminal.run("check").stdout
        terminal.environment["CLAIMS_PROXIES"] = "1"
        assert "CLAIMS_PROXIES" not in terminal.run("check").stdout

    def test_a_database_without_a_schema_is_a_problem(self, tmp_path: Path, empty_url: str) -> None:
        assert "claims db upgrade" in Terminal(tmp_path, empty_url).run("check", status=1).stderr

    def test_a_change_without_history_is_found(self, terminal: Terminal, database: Database) -> None:
        with database.writing(BY_TEST) as session:
            make_claim(session)
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE claims SET version = 5"))
        report = terminal.run("check", status=1).stderr
        assert "Problem: CLM-1 is at version 5" in report
        assert "Error: 1 problem was found." in report


def test_quotes_are_checked_against_a_file_that_is_not_stored(
    terminal: Terminal, database: Database, tmp_path: Path
) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session)
        for quote in ("pain after transfer", "no pain"):
            make_claim(session, origin_study_id=study.id, origin_quote=quote)
    article = tmp_path / "article.txt"
    article.write_text("The animals felt pain after transfer.")
    done = terminal.run("check-quotes", str(article), "--source", "STU-1", status=1)
    assert "Text: 37 characters" in done.stdout
    assert "Found: CLM-1 “pain after transfer”\nNot found: CLM-2 “no pain”" in done.stdout
    assert "1 of 2 quotes were not found." in done.stderr
    article.write_text("The animals felt pain after transfer, but the controls felt no pain.")
    assert (
        "All 2 quotes were found." in terminal.run("check-quotes", str(article), "--source", "STU-1").stdout
    )
    assert (
        "no study STU-2" in terminal.run("check-quotes", str(article), "--source", "STU-2", status=1).stderr
    )


def test_a_command_without_a_schema_says_what_to_run(tmp_path: Path, empty_url: str) -> None:
    done = Terminal(tmp_path, empty_url).run("user", "list", status=1)
    assert "claims db upgrade" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["up"], ["db"], ["export"], ["user", "add"]])
def test_help_has_no_side_effects(empty_folder: Terminal, arguments: list[str]) -> None:
    assert "Usage: claims" in empty_folder.run(*arguments, "--help").stdout
    assert list(empty_folder.folder.iterdir()) == []


def test_the_console_script_is_installed(empty_folder: Terminal) -> None:
    done = subprocess.run([CLAIMS, "--help"], cwd=empty_folder.folder, capture_output=True, text=True)
    assert done.returncode == 0
    assert "Usage: claims" in done.stdout


def test_wrong_usage_has_status_2(empty_folder: Terminal) -> None:
    empty_folder.run("export", "everything", status=2)
    empty_folder.run("fly", status=2)


def test_the_server_listens_when_it_prints_its_address(
    empty_folder: Terminal, stopping: list[subprocess.Popen[str]]
) -> None:
    process = empty_folder.start("up", "--no-seed", "--port", "0")
    stopping.append(process)
    host, port = address_of(process).split(":")
    socket.create_connection((host, int(port)), timeout=LONGEST_SECONDS).close()
