"""The documentation, held against the program: settings, commands, columns, filters, endpoints and links."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from claims_app import create_app, vocabulary
from claims_app.cli import COMMANDS
from claims_app.config import Settings
from claims_app.formats.columns import EXPORTS
from claims_app.rules import schemas
from claims_app.services.core.filters import CLAIM_ORDERS, STUDY_ORDERS, ClaimFilters, StudyFilters
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import RecordType, Term

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "seed/README.md",
        ROOT / "benchmarks/README.md",
    ]
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def page(name: str) -> str:
    """Return the text of a reference page."""
    return (REFERENCE / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what follows `heading`, up to the next heading of the same or a higher level."""
    level = heading.index(" ")
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"There is no heading “{heading}”."
    return found[1]


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows in `text`, without header rows."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not line.startswith("| ---") and not following.startswith("| ---")
    ]


def literals(text: str) -> list[str]:
    """Return what is set in code in `text`, in order."""
    return re.findall(r"`([^`]+)`", text)


class TestSettings:
    """`docs/reference/settings.md` against `claims_app/config.py`."""

    COMPLETE = {  # noqa: RUF012
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "CLAIMS_MAIL_SERVER": "smtp://mail.example.org",
        "CLAIMS_MAIL_FROM": "claims@example.org",
        "CLAIMS_ORCID_CLIENT_ID": "APP-0",
        "CLAIMS_ORCID_CLIENT_SECRET": "secret",
    }
    """An environment in which every setting is read."""

    @staticmethod
    def documented() -> dict[str, str]:
        """Return the default of each setting, as the page has it."""
        return {literals(name)[0]: default for name, _, default in rows(page("settings.md"))}

    def test_every_setting_that_is_read_is_documented_and_no_other(self, tmp_path: Path) -> None:
        class Environment(dict[str, str]):
            read: set[str] = set()  # noqa: RUF012

            def get(self, name: str, default: Any = None) -> Any:
                self.read.add(name)
                return super().get(name, default)

        environment = Environment(self.COMPLETE)
        Settings.from_environment(environment, tmp_path)
        assert environment.read == set(self.documented())

    def test_to_set_a_default_changes_nothing(self, tmp_path: Path) -> None:
        usual = Settings.from_environment(self.COMPLETE, tmp_path)
        tried = 0
        for name, default in self.documented().items():
            if name == "CLAIMS_BASE_URL":
                values = literals(default)[1:]  # the first is a command
            elif name in ("DATABASE_URL", "SECRET_KEY"):
                values = []
            else:
                values = literals(default)
            for value in values:
                assert Settings.from_environment({**self.COMPLETE, name: value}, tmp_path) == usual, name
                tried += 1
        assert tried >= 14

    def test_what_has_no_default_is_off(self, tmp_path: Path) -> None:
        settings = Settings.from_environment({}, tmp_path)
        none = {name for name, default in self.documented().items() if default.startswith("none")}
        assert none == {
            "CLAIMS_CONTACT_EMAIL",
            "CLAIMS_CREATORS",
            "CLAIMS_LICENSE",
            "CLAIMS_MAIL_SERVER",
            "CLAIMS_MAIL_FROM",
            "CLAIMS_METRICS_TOKEN",
            "CLAIMS_ORCID_CLIENT_ID",
            "CLAIMS_ORCID_CLIENT_SECRET",
            "CLAIMS_TITLE",
            "DATABASE_REPLICA_URLS",
        }
        assert (settings.contact_email, settings.license) == (None, None)
        assert (settings.title, settings.creators) == (None, ())
        assert (settings.mail, settings.orcid, settings.metrics_token) == (None, None, None)

    def test_the_files_in_the_instance_folder(self, tmp_path: Path) -> None:
        documented = self.documented()
        settings = Settings.from_environment({}, tmp_path)
        assert settings.database_url == f"sqlite:///{tmp_path / literals(documented['DATABASE_URL'])[0]}"
        kept = tmp_path / literals(documented["SECRET_KEY"])[0]
        assert kept.read_text().strip() == settings.secret_key


def leaves(commands: Iterator[click.Command], before: str = "claims") -> Iterator[tuple[str, click.Command]]:
    """Yield each command that does something, with its whole name."""
    for command in commands:
        name = f"{before} {command.name}"
        if isinstance(command, click.Group):
            yield from leaves(iter(command.commands.values()), name)
        else:
            yield name, command


LEAVES = dict(leaves(iter(COMMANDS)))


class TestCommands:
    """`docs/reference/commands.md` against the commands."""

    def test_every_command_has_a_section_and_every_section_a_command(self) -> None:
        assert sorted(re.findall(r"^## (claims .+)$", page("commands.md"), re.MULTILINE)) == sorted(LEAVES)

    @pytest.mark.parametrize("name", LEAVES)
    def test_options_and_arguments(self, name: str) -> None:
        text = section(page("commands.md"), f"## {name}")
        options = {
            flag
            for option in LEAVES[name].params
            if isinstance(option, click.Option)
            for flag in (*option.opts, *option.secondary_opts)
        }
        table = {
            literal for first, *_ in rows(text) for literal in literals(first) if literal.startswith("-")
        }
        assert table == options
        for argument in LEAVES[name].params:
            if isinstance(argument, click.Argument):
                if isinstance(argument.type, click.Choice) and argument.name == "what":
                    assert all(f"`{choice}`" in text for choice in argument.type.choices)
                else:
                    metavar = (argument.metavar or str(argument.name).upper()).strip("[].")
                    assert f"`{metavar}`" in text

    @pytest.mark.parametrize("name", LEAVES)
    def test_defaults_and_choices(self, name: str) -> None:
        documented = {
            literals(first)[-1]: cells for first, *cells in rows(section(page("commands.md"), f"## {name}"))
        }
        for option in LEAVES[name].params:
            if not isinstance(option, click.Option):
                continue
            cells = documented.get(option.opts[-1], [""])
            if option.required:
                assert cells[-1] == "required"
            if option.show_default:
                assert literals(cells[-1]) == [str(option.default)]
            if isinstance(option.type, click.Choice):
                assert set(option.type.choices) <= set(literals(" ".join(cells))), option.name


def typed() -> Iterator[Any]:
    """Yield each line with a command in the documentation."""
    for path in PAGES:
        for _, block in _FENCE.findall(path.read_text(encoding="utf-8")):
            for line in block.splitlines():
                if found := re.search(r"(?:^|&& |ExecStart=\S*/|bin/)(claims [a-z][^>&]*)", line):
                    yield pytest.param(found[1], id=f"{path.relative_to(ROOT)}: {found[1]}")


@pytest.mark.parametrize("line", list(typed()))
def test_every_command_in_an_example_can_be_run(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = line.split()
    name = next((name for name in LEAVES if words[: len(name.split())] == name.split()), None)
    assert name, line
    arguments = words[len(name.split()) :]
    monkeypatch.chdir(tmp_path)
    for argument in arguments:
        if re.fullmatch(r"[\w-]+\.\w+", argument):
            (tmp_path / argument).touch()
    with LEAVES[name].make_context(name, arguments):
        pass


class TestFiles:
    """`docs/reference/files.md` against the formats."""

    @pytest.mark.parametrize("name", EXPORTS)
    def test_columns(self, name: str) -> None:
        documented = [
            (literals(column)[0], kind)
            for column, kind, _ in rows(section(page("files.md"), f"### {name}.csv"))
        ]
        assert documented == [(column.name, column.kind.value) for column in EXPORTS[name]]

    def test_filters_and_sort_orders(self) -> None:
        filters: dict[str, str] = {}
        parameters: dict[str, str] = {}
        for first, *rest in rows(section(page("files.md"), "## Filters")):
            into, text = (parameters, rest[0]) if len(rest) == 1 else (filters, rest[0])
            into |= dict.fromkeys(literals(first), text)
        of_both = set(ClaimFilters.names()) & set(StudyFilters.names())
        expected = dict.fromkeys(ClaimFilters.names(), "claims") | dict.fromkeys(
            StudyFilters.names(), "studies"
        )
        assert filters == expected | dict.fromkeys(of_both, "both")
        assert literals(parameters["sort"]) == [*CLAIM_ORDERS, *STUDY_ORDERS]

    def test_controlled_terms(self) -> None:
        vocabularies = {
            tuple(dict.fromkeys(getattr(term, "in_files", term).value for term in one))
            for one in vars(vocabulary).values()
            if inspect.isclass(one) and issubclass(one, Term) and one is not Term
        }
        for _, column, values in rows(section(page("files.md"), "## Controlled terms")):
            assert tuple(literals(values)) in vocabularies, column


class TestApi:
    """`docs/reference/api.md` against the API."""

    def test_endpoints(self, tmp_path: Path) -> None:
        settings = Settings(
            instance=tmp_path, database_url="sqlite://", secret_key=TestSettings.COMPLETE["SECRET_KEY"]
        )
        real = {
            f"{method} {rule.rule.replace('<int:', '<').replace('<', '{').replace('>', '}')}"
            for rule in create_app(settings).url_map.iter_rules()
            if rule.endpoint.startswith("api.")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        documented = set()
        for first, second in rows(section(page("api.md"), "## Endpoints")):
            [address] = literals(first)
            # A row may be about several lists, which it names.
            names = literals(second) if "{list}" in address else [""]
            documented |= {address.replace("{list}", name) for name in names}
        assert documented == real

    def test_fields(self) -> None:
        expected = {
            str(record_type.value): KINDS[record_type].schema
            for record_type in (
                RecordType.CLAIM,
                RecordType.STUDY,
                RecordType.EVIDENCE,
                RecordType.LIMITATION,
            )
        } | {"appraisal": schemas.APPRAISAL}
        documented = dict(rows(section(page("api.md"), "## Add")))
        assert set(documented) == set(expected)
        for record, schema in expected.items():
            names = [
                f"**`{field.name}`**" if field.required else f"`{field.name}`" for field in schema.fields
            ]
            assert documented[record].split(", ") == names


def anchors(path: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_links_lead_somewhere(path: Path) -> None:
    for link in _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_map_leads_to_every_page() -> None:
    linked = {
        (ROOT / "docs" / link.partition("#")[0]).resolve()
        for link in _LINK.findall((ROOT / "docs/index.md").read_text(encoding="utf-8"))
    }
    assert {path for path in PAGES if path.name != "index.md"} <= linked
