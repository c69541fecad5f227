"""The living style page: the tokens, the type and the components of all pages, from the same style sheet and macros."""

import datetime
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.contrast import contrast
from claims_app.rules.counting import Balance
from claims_app.services.pages.topic_pages import Verdicts
from claims_app.vocabulary import Conclusion, Direction, EvidenceLevel
from claims_app.web.charts.by_year import years_chart
from claims_app.web.charts.picture import palette
from claims_app.web.forms import choice

bp = Blueprint("style", __name__)

_GROUNDS = frozenset(("paper", "sunk", "raised", "mark"))
_LEVELS = [level for level in EvidenceLevel if level is not EvidenceLevel.NOT_ASSESSED]


@dataclass(frozen=True)
class Colour:
    """A colour of the style sheet, and its contrast with the page; None for a ground, on which others are."""

    name: str
    light: str
    dark: str
    contrast_light: float | None
    contrast_dark: float | None


class ExampleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A form that is sent nowhere."""

    text = StringField("Text", description="Help in one sentence.")
    wrong = StringField("With an error", render_kw={"required": True})
    long = TextAreaField("Long text")
    choice = SelectField("Choice", choices=[choice("", "None"), choice("one", "One")])
    tick = BooleanField("A tick")


@bp.get("/style")
def show() -> ResponseReturnValue:
    """Show the tokens, the type scale and the components."""
    form = ExampleForm(formdata=None, meta={"csrf": False})
    form.wrong.errors = ["Enter a statement."]
    return render_template(
        "style/show.html",
        is_for_people_only=True,
        colours=colours(),
        verdicts=[Verdict(conclusion, level) for conclusion in Conclusion for level in _LEVELS],
        balance_of=Balance(
            groups=9,
            group_supports=4,
            group_contradicts=2,
            group_null=1,
            group_inconclusive=1,
            group_divided=1,
        ),
        known=Verdicts(
            {
                (EvidenceLevel.MODERATE, Conclusion.SUPPORTED): 1,
                (EvidenceLevel.LOW, Conclusion.CONTRADICTED): 2,
                (EvidenceLevel.NOT_ASSESSED, None): 5,
            }
        ),
        years=years_chart(
            {
                (1999 + step, direction.value): 1 + (step * (place + 2)) % 5
                for step in range(0, 27, 3)
                for place, direction in enumerate(Direction)
                if (step + place) % 4
            }
        ),
        form=form,
        day=datetime.date(2026, 11, 28),
    )


def colours() -> list[Colour]:
    """Return the colours of the style sheet in its order."""
    light, dark = palette()
    return [
        Colour(
            name,
            light[name],
            dark[name],
            None if _is_ground(name) else contrast(light[name], light[_ground_of(name)]),
            None if _is_ground(name) else contrast(dark[name], dark[_ground_of(name)]),
        )
        for name in light
    ]


def _is_ground(name: str) -> bool:
    return name in _GROUNDS or name.endswith("-ground")


def _ground_of(name: str) -> str:
    """Return the colour that one is used on: text on a button on that of the button, the rest on the page."""
    return name.removeprefix("on-") if name.startswith("on-") else "paper"
