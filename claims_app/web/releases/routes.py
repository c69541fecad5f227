"""The pages of releases, their files at addresses that never change, and the feed of them. They only read."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from claims_app.formats.columns import EXPORTS
from claims_app.formats.release import citation
from claims_app.formats.release.about import INCLUDED
from claims_app.formats.release.datapackage import File
from claims_app.formats.release.difference import TITLES
from claims_app.formats.release.tables import TABLES
from claims_app.models import Release
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.services.core.errors import BadFilter
from claims_app.services.releases import comparing, store
from claims_app.services.releases.store import Shelf
from claims_app.vocabulary import ClaimStatus, Conclusion, Direction, EvidenceLevel, Standing
from claims_app.web import application, page_data
from claims_app.web.api.problems import problem
from claims_app.web.errors import answer
from claims_app.web.session import reading

bp = Blueprint("releases", __name__)

FOREVER = "public, max-age=31536000, immutable"
"""The `Cache-Control` of a file of a release: it never changes."""

_ORDER = {name: place for place, name in enumerate(EXPORTS)}
"""The tables that readers look for come first."""

_SHOWN = ("text/markdown", "application/yaml", "text/plain")
"""Files that a browser shows as text; others are saved."""


@bp.errorhandler(comparing.Lost)
def lost(error: comparing.Lost) -> ResponseReturnValue:
    """Say that files are not here, on pages and for programs alike."""
    return answer(503, "Not here at the moment", str(error))


class NothingBefore(Exception):
    """There is no release before this one, which it could be compared with."""

    def __init__(self, release: Release) -> None:
        super().__init__(
            f"{release.version} is the first release, so there is none before it to compare it with."
        )
        self.release = release


@bp.errorhandler(NothingBefore)
def nothing_before(error: NothingBefore) -> ResponseReturnValue:
    """Say that a release is the first one, and lead to it."""
    title, version = "The first release", error.release.version
    if request.path.endswith(".json"):
        return problem(404, title, str(error))
    return answer(404, title, str(error), way=(url_for(".show", version=version), f"Release {version}"))


@bp.get("/releases")
def index() -> ResponseReturnValue:
    """List the releases, and say what they are for."""
    return render_template("releases/index.html", releases=store.list_releases(reading()), included=INCLUDED)


@bp.get("/releases.atom")
def feed() -> ResponseReturnValue:
    """Send the releases as an Atom feed."""
    releases = store.list_releases(reading())
    page = render_template("releases/feed.xml", releases=releases, base=application.settings().base_url)
    response = Response(page, content_type="application/atom+xml; charset=utf-8")
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/releases/latest")
@bp.get("/releases/latest/<name>", endpoint="latest_file")
def latest(name: str | None = None) -> ResponseReturnValue:
    """Lead to the newest release, or to its file of this name."""
    newest = store.newest(reading())
    if newest is None:
        raise NoSuchPage
    if name is None:
        return redirect(url_for(".show", version=newest.version))
    return redirect(url_for(".file", version=newest.version, name=name))


@bp.get("/releases/<version>")
def show(version: str) -> ResponseReturnValue:
    """Show what a release contains, its files, how to cite it, and how to check it."""
    release = store.find(reading(), version)
    about = store.about(release)
    data = page_data.of_release(release)
    page = render_template(
        "releases/show.html",
        page_data=data,
        release=release,
        included=INCLUDED,
        about=about,
        contents=store.contents(release),
        tables=sorted(TABLES, key=lambda table: _ORDER.get(table.name, len(_ORDER))),
        files=store.files(release),
        archive=store.archive(release),
        before=store.before(reading(), release),
        apa=citation.apa(about),
        bibtex=citation.bibtex(about),
    )
    return page_data.with_links(page, data)


@bp.get("/releases/<version>/changes")
def changes(version: str) -> ResponseReturnValue:
    """Show what changed from the release before this one."""
    release, earlier = _with_earlier(version)
    return _compared(earlier, release)


@bp.get("/releases/<version>/changes.json", endpoint="changes_json")
def changes_as_json(version: str) -> ResponseReturnValue:
    """Send what changed from the release before this one."""
    release, earlier = _with_earlier(version)
    return jsonify(comparing.changes(_shelf(), earlier, release))


@bp.get("/releases/compare")
def compare() -> ResponseReturnValue:
    """Show what changed between any two releases; without a choice, between the two newest."""
    if not request.args:
        newest = store.newest(reading())
        if newest is None:
            raise NoSuchPage
        return redirect(url_for(".changes", version=newest.version))
    return _compared(*_chosen())


@bp.get("/releases/compare.json", endpoint="compare_json")
def compare_as_json() -> ResponseReturnValue:
    """Send what changed between any two releases."""
    return jsonify(comparing.changes(_shelf(), *_chosen()))


@bp.get("/releases/<version>/<name>")
def file(version: str, name: str) -> ResponseReturnValue:
    """Send a file of a release. It never changes, so it may be kept for ever, and parts of it can be asked for."""
    release = store.find(reading(), version)
    found = next((one for one in (*store.files(release), store.archive(release)) if one.name == name), None)
    if found is None:
        raise NoSuchPage
    path = _shelf().path(release, name)
    if path is None:
        return answer(
            503,
            "Not here at the moment",
            f"This file of the release {version} was lost on this server. The operator can make it again with "
            f"“claims release build {version}”.",
        )
    response = send_file(
        path,
        mimetype=_media_type(found),
        as_attachment=found.media_type not in _SHOWN,
        download_name=name,
        conditional=True,
        etag=found.sha256,
        last_modified=release.moment,
        max_age=31536000,
    )
    response.headers["Cache-Control"] = FOREVER
    return response


def _shelf() -> Shelf:
    return Shelf(application.settings().instance)


def _with_earlier(version: str) -> tuple[Release, Release]:
    release = store.find(reading(), version)
    earlier = store.before(reading(), release)
    if earlier is None:
        raise NothingBefore(release)
    return release, earlier


def _chosen() -> tuple[Release, Release]:
    """Return the two releases that the address asks for. Raises BadFilter and NotFound."""
    first, second = (request.args.getlist(name) for name in ("from", "to"))
    if len(first) != 1 or len(second) != 1:
        raise BadFilter("Name two releases: from=… and to=….")
    return store.find(reading(), first[0]), store.find(reading(), second[0])


def _compared(before: Release, after: Release) -> ResponseReturnValue:
    found = comparing.changes(_shelf(), before, after)
    return render_template(
        "releases/compare.html",
        before=before,
        after=after,
        found=found,
        changes={kind: [_with_verdicts(one) for one in found["changes"][kind]] for kind in TITLES},
        kinds=[kind for kind in TITLES if found["counts"][kind]],
        titles=TITLES,
        releases=store.list_releases(reading()),
        statuses={term.value: term for term in ClaimStatus},
        standings={term.value: term for term in Standing},
        directions={term.value: term for term in Direction},
    )


def _with_verdicts(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change with what was known of the claim before and after it."""
    shown = dict(change)
    if "level" in change:
        shown["verdict"] = _verdict(change["conclusion"], change["level"])
    if "level_before" in change:
        shown["verdict_before"] = _verdict(change["conclusion_before"], change["level_before"])
    return shown


def _verdict(conclusion: str | None, level: str) -> Verdict:
    return Verdict(Conclusion.of(conclusion) if conclusion else None, EvidenceLevel.of(level), False)


def _media_type(found: File) -> str:
    if found.media_type in _SHOWN:
        return "text/plain"
    return found.media_type
