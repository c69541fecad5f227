"""The commands in docs/operations.md: each is run by a test, or it is listed here with the reason why not."""

import re

from tests.docs.test_docs import _FENCE, ROOT
from tests.docs.test_recovery import BLOCKS

RUN = {
    "claims": "tests/docs/test_docs.py checks its options; tests/commands and tests/concurrency run it",
    "export": "sets variables, which tests/test_settings.py reads",
}
NOT_RUN = {
    "docker": "no images can be fetched in a test; test_containers.py holds what the files promise",
    "git": "changes the checkout",
    "pip": "installs packages; the README's commands do the same",
    "python": "measures for minutes; tests/migrations/test_locks.py holds the same for new revisions",
    "patronictl": "needs three hosts; benchmarks/reliability/cluster.py does the same over the REST API",
}


def programs() -> set[str]:
    """Return the program of each line of the shell blocks, but for those that test_recovery.py runs as they are."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    text = re.sub(r"^   (?=\S)", "", text, flags=re.MULTILINE)  # blocks of a list
    blocks = [block for language, block in _FENCE.findall(text) if language == "sh" and block not in BLOCKS]
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    commands = [re.sub(r"^(\w+=\S+ )+", "", line) for line in lines if line and not line.startswith("#")]
    return {command.split()[0].rsplit("/", 1)[-1] for command in commands}


def test_each_command_is_run_or_has_a_reason_why_not() -> None:
    assert programs() <= RUN.keys() | NOT_RUN.keys()


def test_only_commands_of_the_page_have_a_reason() -> None:
    assert NOT_RUN.keys() <= programs()
