"""Checking the quotes from a study against a text that is not kept."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.formats.encoding import NotText, decode
from claims_app.models import Study
from claims_app.permissions import Permission
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.services.pages import quote_notes
from claims_app.services.records import quote_checks
from claims_app.services.records.quote_checks import CheckedText
from claims_app.web import editing
from claims_app.web.access import requires
from claims_app.web.record_links import address_of
from claims_app.web.request_limits import LARGEST_REQUEST, takes_file
from claims_app.web.session import reading
from claims_app.web.studies.forms import CheckQuotesForm

MOST_SHOWN = 100
"""How many quotes of claims, evidence and limitations each the page shows."""

MOST_NAMED = 20
"""How many quotes that were not found a message names."""


def register(bp: Blueprint) -> None:
    """Add this page to the blueprint of the studies."""
    bp.add_url_rule("/<identifier>/quotes", "check_quotes", check_quotes, methods=["GET", "POST"])


@requires(Permission.CREATE)
@takes_file("file", LARGEST_REQUEST)
def check_quotes(identifier: str) -> ResponseReturnValue:
    """Show the quotes from a study, and check them against a text that is sent; the text is not stored."""
    study = records.find(reading(), Study, identifier)
    form = CheckQuotesForm()
    checked: list[CheckedText] = []

    def work(session: WriteSession) -> str:
        current = records.get(session, Study, study.id)
        checked.append(quote_checks.check_text(session, current, _sent_text(form)))
        return url_for("studies.check_quotes", identifier=study.public_id)

    if form.validate_on_submit() and (
        saved := editing.save(form, work, done="The quotes were checked. The text was not stored.")
    ):
        for one in checked:
            _report(one)
        return saved
    return editing.form_page(
        "studies/check_quotes.html",
        form,
        study=study,
        quotes=quote_notes.quotes_from(reading(), study, MOST_SHOWN),
        most_shown=MOST_SHOWN,
        address_of=address_of,
    )


def _sent_text(form: CheckQuotesForm) -> str:
    """Return the text that was pasted or uploaded. Raises Invalid unless it is exactly one of these."""
    pasted = form.content.data or ""
    data = form.file.data.read() if form.file.data else b""
    if pasted.strip() and data:
        raise Invalid({"file": ["Paste the text or choose a file, not both."]})
    if not data:
        return pasted
    try:
        return decode(data).text
    except NotText as refused:
        raise Invalid({"file": [f"{refused} Save the article as plain text (.txt)."]}) from None


def _report(checked: CheckedText) -> None:
    """Say which of the quotes were not found."""
    n_found, n_all = len(checked.quotes) - len(checked.missing), len(checked.quotes)
    said = f"{n_found} of {n_all} quotes were found in the text of {checked.length:,} characters."
    if checked.missing:
        names = [one.record.public_id for one in checked.missing]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        said += f" Not found: {', '.join(names[:MOST_NAMED])}{more}."
    flash(said, "warning" if checked.missing else "success")
