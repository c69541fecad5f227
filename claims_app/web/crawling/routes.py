"""The sitemap, in parts that are sent while they are read, and robots.txt."""

from collections.abc import Iterable, Iterator
from itertools import islice

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape
from werkzeug.exceptions import NotFound as NoSuchPage

from claims_app.services.pages import sitemap
from claims_app.services.releases import store
from claims_app.web.record_links import address_around, base_url
from claims_app.web.session import reading, reading_again

bp = Blueprint("crawling", __name__)

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_ENTRIES_AT_ONCE = 500
_PAGES = (
    "home.index",
    "claims.index",
    "studies.index",
    "topics.index",
    "matrix.index",
    "appraisals.method",
    "releases.index",
)
_PRIVATE = ("/account", "/admin", "/api/", "/drafts", "/inbox", "/login", "/review", "/users", "/webhooks")


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Say which pages crawlers should leave alone, and where the sitemap is."""
    # A page exists for each moment of the past, and says itself that it should not be listed.
    lines = ["User-agent: *", "Disallow: /*as_of=", *(f"Disallow: {path}" for path in _PRIVATE)]
    lines += ["", f"Sitemap: {base_url()}{url_for('crawling.index')}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
def index() -> ResponseReturnValue:
    """List the parts of the sitemap."""
    addresses = [url_for("crawling.pages")]
    for section in sitemap.SECTIONS:
        for number in range(1, sitemap.count_parts(reading(), section) + 1):
            addresses.append(url_for("crawling.records", section=section, number=number))
    listed = "".join(f"<sitemap>{_location(address)}</sitemap>\n" for address in addresses)
    return _xml([f"{_HEAD}<sitemapindex {_SPACE}>\n{listed}</sitemapindex>\n"])


@bp.get("/sitemap-pages.xml")
def pages() -> ResponseReturnValue:
    """List the pages that are not of one record: lists, topics and the method."""
    addresses = [url_for(endpoint) for endpoint in _PAGES]
    addresses += [url_for("topics.show", slug=slug) for slug in sitemap.topic_slugs(reading())]
    releases = store.list_releases(reading())
    addresses += [url_for("releases.show", version=release.version) for release in releases]
    site = base_url()
    return _xml(_set(f"<url>{_location(address, site)}</url>\n" for address in addresses))


@bp.get("/sitemap-<any(claims, studies):section>-<int:number>.xml")
def records(section: str, number: int) -> ResponseReturnValue:
    """List the pages of a part of the claims or the studies, while they are read."""
    if not 1 <= number <= sitemap.count_parts(reading(), section):
        raise NoSuchPage
    # The entries are made after the request has ended.
    site, around = base_url(), address_around(f"{section}.show", "identifier")
    session = reading_again()
    response = _xml(
        _set(
            f"<url>{_location(f'{around.before}{name}{around.after}', site)}"
            f"<lastmod>{changed:%Y-%m-%dT%H:%M:%SZ}</lastmod></url>\n"
            for name, changed in sitemap.part(session, section, number)
        )
    )
    response.call_on_close(session.close)
    return response


def _set(entries: Iterable[str]) -> Iterator[str]:
    yield f"{_HEAD}<urlset {_SPACE}>\n"
    following = iter(entries)
    while some := "".join(islice(following, _ENTRIES_AT_ONCE)):
        yield some
    yield "</urlset>\n"


def _location(address: str, site: str | None = None) -> str:
    """Return the element with an address; `site` is that of this site, if it is known already."""
    return f"<loc>{escape((base_url() if site is None else site) + address)}</loc>"


def _xml(parts: Iterable[str]) -> Response:
    return Response(parts, mimetype="application/xml")
