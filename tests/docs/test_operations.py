"""The metrics in docs/operations.md are those of the program."""

import re
from pathlib import Path

from flask import Flask

from claims_app.web.metrics import EXTENSION

TEXT = (Path(__file__).parents[2] / "docs/operations.md").read_text()
_SUFFIX = r"_(bucket|count|sum|created)$"


def test_each_metric_is_described_and_each_that_is_named_exists(app: Flask) -> None:
    families = app.extensions[EXTENSION].registry.collect()
    there = {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
    # These appear once there is something to say.
    there |= {"claims_watch_run_age_seconds", "claims_retraction_data_age_seconds"}
    described = {
        name
        for row in re.findall(r"^\| (`claims_.*?) \|", TEXT, re.MULTILINE)
        for name in re.findall(r"claims_\w+", row)
    }
    assert described == there
    used = {
        re.sub(_SUFFIX, "", name)
        for name in re.findall(r"claims_\w+", "".join(re.findall(r"expr: .*", TEXT)))
    }
    assert used <= there
