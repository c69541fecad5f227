"""What an assistant may send to the tools of the Model Context Protocol."""

import random
import traceback
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError

from claims_app.assistants.server import make_server
from tests.fuzz import values
from tests.fuzz.site import Site
from tests.support.coroutines import run

_PLAIN: dict[str, Any] = {"claim_id": "CLM-1", "study_id": "STU-1", "words": "pain", "as_of": "2999-01-01"}


def call_tools(site: Site, chance: random.Random, rounds: int) -> list[str]:
    """Call each tool `rounds` times with anything; return what is wrong with the answers."""
    server = make_server(site.database, "https://claims.example.org")
    found = []

    async def call() -> None:
        for tool in await server.list_tools():
            known = sorted(tool.input_schema.get("properties", {}))
            needed = tool.input_schema.get("required", [])
            for _ in range(rounds):
                given = {name: _PLAIN.get(name, "1") for name in needed}
                for name in chance.sample(known, min(len(known), chance.choice((0, 1, 1, 2, 4)))):
                    given[name] = values.any_json(chance, _PLAIN.get(name, ""))
                try:
                    await server.call_tool(tool.name, given)
                except UnexpectedToolError as error:
                    found.append(
                        f"{tool.name}({given!r}): {''.join(traceback.format_exception(error)[-8:])}"[:3000]
                    )
                except ToolError as refused:
                    if not str(refused).strip():
                        found.append(f"{tool.name}({given!r}) is refused without a word.")

    run(call())
    return found
