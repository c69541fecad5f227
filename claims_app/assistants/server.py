"""The server of the Model Context Protocol. It needs the package `mcp`, which the extra of this name installs.

Source: Model Context Protocol, revision 2025-11-25, tools; the package `mcp` 2.3.
"""

from collections.abc import Callable
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from claims_app.assistants import reading
from claims_app.assistants.answers import Changes, FoundClaims, StudyAnswer, WholeAnswer, Words
from claims_app.assistants.writing import Answer, as_text
from claims_app.database import RECENT, Database
from claims_app.services.core.errors import NotFound, ServiceError
from claims_app.services.history import as_of as past
from claims_app.services.history.as_of import AsOf

NAME = "Claims"
INSTRUCTIONS = (
    "A database of research claims, the studies for and against each of them, and how certain the evidence is (GRADE). "
    "Never state a claim without its certainty: quote the sentence in “claim” as a whole. “Not assessed” says nothing "
    "about how strong the evidence is. Pass on warnings, such as of retracted studies, and name identifier, version, "
    "date and address. A low certainty does not mean that a claim is false."
)
_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

_LONGEST = 1000
"""Characters of one argument."""

Values = str | list[str] | None


def _values(name: str) -> Any:
    """Return the description of a filter that takes terms."""
    return Field(description=f"One or several of: {', '.join(reading.FILTERS[name].values())}")


class ClaimsServer(MCPServer[Any]):
    """A server whose errors are plain sentences, for an assistant to act on."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Raises ToolError with what is wrong and what would be right."""
        tools = {tool.name: tool for tool in await self.list_tools()}
        if name not in tools:
            raise ToolError(f"There is no tool “{name[:40]}”. Choose from: {', '.join(tools)}.")
        known = tools[name].input_schema.get("properties", {})
        if unknown := [one for one in arguments if one not in known]:
            choice = f"Choose from: {', '.join(known)}." if known else "It takes none."
            raise ToolError(f"{name} has no argument “{unknown[0][:40]}”. {choice}")
        if wrong := [one for one, value in arguments.items() if not _is_short_text(value)]:
            raise ToolError(f"{wrong[0]} is too long or is no text. Use at most {_LONGEST} characters.")
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as refused:
            if isinstance(refused.__cause__, ValidationError):
                raise ToolError(_in_words(refused.__cause__)) from refused.__cause__
            raise


def make_server(database: Database, site: str) -> ClaimsServer:
    """Return the server of `database`; `site` is the start of the addresses in answers, without a final slash."""
    server = ClaimsServer(
        NAME, title="Research claims", instructions=INSTRUCTIONS, website_url=site, log_level="WARNING"
    )

    def later(absent: NotFound, then: AsOf) -> str | None:
        with database.reading(since=RECENT) as today:
            return past.not_there_yet(today, absent, then)

    def answered(read: Callable[[Session], Answer], then: AsOf | None = None) -> CallToolResult:
        try:
            with database.reading(then.at if then else None, since=RECENT) as session:
                answer = read(session)
        except NotFound as absent:
            return _refusal((then and later(absent, then)) or str(absent))
        except ServiceError as refused:
            return _refusal(str(refused))
        except SQLAlchemyError:
            return _refusal("The database does not respond. Try again later.")
        structured = TypeAdapter(type(answer)).dump_python(answer, mode="json")
        return CallToolResult(
            content=[TextContent(type="text", text=as_text(answer))], structured_content=structured
        )

    @server.tool(title="Search claims", annotations=_READ_ONLY)
    def search_claims(
        words: Annotated[str | None, Field(description="Words to search for; leave out to list all.")] = None,
        level: Annotated[Values, _values("level")] = None,
        conclusion: Annotated[Values, _values("conclusion")] = None,
        state: Annotated[Values, _values("state")] = None,
        kind: Annotated[Values, _values("kind")] = None,
        status: Annotated[Values, _values("status")] = None,
        topic: Annotated[Values, Field(description="Topics, as list_vocabulary names them.")] = None,
        direction: Annotated[Values, _values("direction")] = None,
        design: Annotated[Values, _values("design")] = None,
        species: Annotated[Values, _values("species")] = None,
        year_from: Annotated[int | str | None, Field(description="With evidence from this year on.")] = None,
        year_to: Annotated[int | str | None, Field(description="With evidence up to this year.")] = None,
        limit: Annotated[int, Field(description=f"How many at a time, up to {reading.MOST_CLAIMS}.")] = 10,
        after: Annotated[str | None, Field(description="“next” of the answer before, for more.")] = None,
    ) -> Annotated[CallToolResult, FoundClaims]:
        """Find claims by words and filters. Each comes with its certainty, in one sentence."""
        given: dict[str, Values | int] = {
            "q": words,
            "level": level,
            "conclusion": conclusion,
            "state": state,
            "kind": kind,
            "status": status,
            "topic": topic,
            "direction": direction,
            "design": design,
            "species": species,
            "year_from": year_from,
            "year_to": year_to,
        }
        query = {name: _list(value) for name, value in given.items() if value not in (None, "", [])}
        return answered(lambda session: reading.search_claims(session, site, query, limit, after))

    @server.tool(title="Read a claim", annotations=_READ_ONLY)
    def get_claim(
        claim_id: Annotated[str, Field(description="Its identifier, such as CLM-1.")],
        most_evidence: Annotated[
            int, Field(description=f"How many evidence items, up to {reading.MOST_EVIDENCE}.")
        ] = 20,
        as_of: Annotated[
            str | None,
            Field(description="A past day or time, such as 2026-01-31, to read it as it was then."),
        ] = None,
    ) -> Annotated[CallToolResult, WholeAnswer]:
        """Read one claim: its certainty with the reasons, evidence, limitations, and how the level changed."""
        try:
            then = past.read(as_of, database.clock()) if as_of else None
        except ServiceError as refused:
            return _refusal(str(refused))
        return answered(lambda session: reading.get_claim(session, site, claim_id, most_evidence, then), then)

    @server.tool(title="List changes", annotations=_READ_ONLY)
    def list_changes(
        since: Annotated[str, Field(description="A day, such as 2026-01-31, or the version of a release.")],
        limit: Annotated[int, Field(description=f"How many claims, up to {reading.MOST_CLAIMS}.")] = 10,
    ) -> Annotated[CallToolResult, Changes]:
        """List the claims that changed since a day or a release, what changed and why, and retracted studies."""
        return answered(lambda session: reading.list_changes(session, site, since, limit))

    @server.tool(title="Read a study", annotations=_READ_ONLY)
    def get_study(
        study: Annotated[str, Field(description="Its identifier (STU-1), its DOI or its PubMed number.")],
    ) -> Annotated[CallToolResult, StudyAnswer]:
        """Read one study: whether it was retracted, and what it says about which claims."""
        return answered(lambda session: reading.get_study(session, site, study))

    @server.tool(title="List topics and terms", annotations=_READ_ONLY)
    def list_vocabulary() -> Annotated[CallToolResult, Words]:
        """List the topics with what is known about each, the releases, and what the values of filters mean."""
        return answered(reading.list_vocabulary)

    return server


def _list(value: Values | int) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _is_short_text(value: object) -> bool:
    """Return whether a value of an argument is of a size, and of characters, that can be searched for."""
    text = "".join(map(str, value)) if isinstance(value, list) else str(value)
    # Half of a pair of surrogates can be in JSON, but in no database.
    return len(text) <= _LONGEST and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _refusal(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=sentence)], is_error=True)


def _in_words(error: ValidationError) -> str:
    """Return what is wrong with the arguments of a call, as sentences."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False):
        found.setdefault(str(one["loc"][0]) if one["loc"] else "arguments", one["msg"])
    return " ".join(f"{name}: {message}." for name, message in found.items())
