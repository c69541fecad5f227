"""Settings of the program: environment variables, all optional, read once.

Every setting is declared here with its name, type and default. Importing this module reads and writes nothing;
`Settings.from_environment()` does, when an application is created. No setting that may hold a password appears in
the `repr` of the settings.
"""

import importlib.util
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

DEFAULT_ADDRESS = "http://127.0.0.1:8000"
"""The default address of `claims up`, and of the links in exports."""

SECRET_KEY_LENGTH = 32
"""Minimum length of the secret key, in characters."""


SERVICES = {
    "doi": "https://doi.org",
    "pubmed": "https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
    "europe_pmc": "https://www.ebi.ac.uk/europepmc/webservices/rest",
    "trials": "https://clinicaltrials.gov/api/v2",
}
"""Addresses of the bibliographic services. CLAIMS_DOI_URL, CLAIMS_PUBMED_URL … replace them, such as by a proxy."""


_DRIVER = "postgresql+psycopg"


class BadSetting(ValueError):
    """An invalid setting; the message names it and says which values are valid."""


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """The SMTP server and the sender of our mail. `tls` means encryption from the start, as in smtps."""

    host: str
    port: int
    sender: str
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class OrcidSettings:
    """Our registration with ORCID. `issuer` differs for its sandbox."""

    client_id: str
    client_secret: str = field(repr=False)
    issuer: str = "https://orcid.org"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of an operator. `instance` is the folder of the database file and the secret key."""

    instance: Path
    database_url: str = field(repr=False)
    replica_urls: tuple[str, ...] = field(default=(), repr=False)
    """Streaming replicas of a PostgreSQL database, which answer readers."""
    replica_lag: float = 2.0
    """How many seconds a replica may be behind the primary."""
    secret_key: str = field(repr=False)
    base_url: str = DEFAULT_ADDRESS
    contact_email: str | None = None
    review_required: bool = False
    """Whether a second person has to accept additions and changes."""
    reports: bool = False
    """Whether readers without an account can report problems. Editors see the reports first."""
    license: str | None = None
    """The address of the licence under which the data may be used."""
    title: str | None = None
    """The title of the data set in releases."""
    creators: tuple[str, ...] = ()
    """Who is cited as its creators: family name first, each with an ORCID iD in brackets if wanted."""
    page_memory: int = 32
    """Megabytes of memory for pages that were sent to readers without an account; 0 keeps none."""
    jobs: bool = True
    """Whether processes that serve the pages also do the work in the background."""
    webhooks_private: bool = False
    """Whether webhooks may go to private addresses, and over HTTP."""
    api_limit: int = 6000
    """Requests to the API in a minute with one token; 0 is no limit."""
    api_reader_limit: int = 6000
    """Requests to the API and for files of lists in a minute from one address without a token; 0 is no limit."""
    proxies: int = 0
    """How many reverse proxies are in front of the program."""
    log: str = "text"
    """The form of the log: `text` or `json`."""
    access_log: str = "made"
    """Which requests are in the log: `all`, those whose answer was `made` and not in memory, or none (`off`)."""
    slow_ms: int = 500
    """Milliseconds after which a statement is logged with its plan; 0 logs none."""
    metrics_token: str | None = field(default=None, repr=False)
    """What programs send to read `/metrics`."""
    mail: MailSettings | None = None
    orcid: OrcidSettings | None = None
    services: Mapping[str, str] = field(default_factory=lambda: dict(SERVICES), repr=False)
    """The addresses of the bibliographic services."""

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, folder: Path | None = None
    ) -> "Settings":
        """Return the settings in `environment`, with the instance folder in `folder` (default: the current one).

        Raises BadSetting for an invalid value, and OSError if the instance folder is not writable.
        """
        instance = (folder or Path.cwd()) / "instance"
        database_url = environment.get("DATABASE_URL")
        if not database_url:
            instance.mkdir(parents=True, exist_ok=True)
            database_url = f"sqlite:///{instance / 'claims.sqlite3'}"
        database_url = _with_driver(database_url)
        if not database_url.startswith(("sqlite:", f"{_DRIVER}:")):
            raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql://.")
        review = (environment.get("CLAIMS_REVIEW") or "off").strip().lower()
        if review not in ("off", "required"):
            raise BadSetting("CLAIMS_REVIEW must be off or required.")
        reports = (environment.get("CLAIMS_REPORTS") or "off").strip().lower()
        if reports not in ("off", "on"):
            raise BadSetting("CLAIMS_REPORTS must be off or on.")
        jobs = (environment.get("CLAIMS_JOBS") or "on").strip().lower()
        if jobs not in ("off", "on"):
            raise BadSetting("CLAIMS_JOBS must be off or on.")
        webhooks_private = (environment.get("CLAIMS_WEBHOOKS_PRIVATE") or "refuse").strip().lower()
        if webhooks_private not in ("refuse", "allow"):
            raise BadSetting("CLAIMS_WEBHOOKS_PRIVATE must be refuse or allow.")
        log = (environment.get("CLAIMS_LOG") or "text").strip().lower()
        if log not in ("text", "json"):
            raise BadSetting("CLAIMS_LOG must be text or json.")
        access_log = (environment.get("CLAIMS_ACCESS_LOG") or "made").strip().lower()
        if access_log not in ("all", "made", "off"):
            raise BadSetting("CLAIMS_ACCESS_LOG must be all, made or off.")
        base_url = environment.get("CLAIMS_BASE_URL") or _kept_address(instance) or DEFAULT_ADDRESS
        if not base_url.startswith(("http://", "https://")):
            raise BadSetting("CLAIMS_BASE_URL must begin with http:// or https://.")
        return cls(
            instance=instance,
            database_url=database_url,
            replica_urls=_replicas(environment.get("DATABASE_REPLICA_URLS") or "", database_url),
            replica_lag=_lag(environment.get("CLAIMS_REPLICA_LAG") or "2"),
            secret_key=environment.get("SECRET_KEY") or _kept_secret_key(instance),
            base_url=base_url.rstrip("/"),
            contact_email=environment.get("CLAIMS_CONTACT_EMAIL") or None,
            review_required=review == "required",
            reports=reports == "on",
            jobs=jobs == "on",
            webhooks_private=webhooks_private == "allow",
            license=_license(environment.get("CLAIMS_LICENSE") or ""),
            title=(environment.get("CLAIMS_TITLE") or "").strip() or None,
            creators=_creators(environment.get("CLAIMS_CREATORS") or ""),
            page_memory=_megabytes(environment.get("CLAIMS_PAGE_MEMORY") or "32"),
            api_limit=_requests(environment, "CLAIMS_API_LIMIT"),
            api_reader_limit=_requests(environment, "CLAIMS_API_READER_LIMIT"),
            proxies=_proxies(environment.get("CLAIMS_PROXIES") or "0"),
            log=log,
            access_log=access_log,
            slow_ms=_milliseconds(environment.get("CLAIMS_SLOW_MS") or "500"),
            metrics_token=_metrics_token(environment.get("CLAIMS_METRICS_TOKEN") or ""),
            mail=_mail(environment),
            orcid=_orcid(environment),
            services={name: _service(environment, name) for name in SERVICES},
        )

    def keep_address(self, address: str) -> None:
        """Save the address that the program serves at, for the links in exports by the commands."""
        if self.base_url != address and "CLAIMS_BASE_URL" not in os.environ:
            with suppress(OSError):  # with a database and a key from elsewhere, the folder may be read-only
                self.instance.mkdir(parents=True, exist_ok=True)
                (self.instance / "address").write_text(address + "\n")
            object.__setattr__(self, "base_url", address)

    def __post_init__(self) -> None:
        if len(self.secret_key) < SECRET_KEY_LENGTH or len(set(self.secret_key)) < 8:
            raise BadSetting(
                "SECRET_KEY is too short or too regular to be safe: "
                f"use at least {SECRET_KEY_LENGTH} random characters."
            )


def _with_driver(url: str) -> str:
    """Return a database URL that names our driver of PostgreSQL."""
    return re.sub(r"^postgres(ql)?://", f"{_DRIVER}://", url)


def _replicas(text: str, database_url: str) -> tuple[str, ...]:
    # The message does not repeat the addresses, which may hold passwords.
    urls = tuple(_with_driver(url) for url in re.split(r"\s*,\s*(?=postgres)|\s+", text.strip()) if url)
    if urls and database_url.startswith("sqlite:"):
        raise BadSetting(
            "DATABASE_REPLICA_URLS needs PostgreSQL: set DATABASE_URL to the address of the primary."
        )
    for url in urls:
        try:
            parts = urlsplit(url)
            is_right = parts.scheme == _DRIVER and len(parts.path) > 1 and parts.port != 0
            is_right = is_right and len(re.findall(r"[?&]host=", url)) < 2
        except ValueError:
            is_right = False
        if not is_right:
            raise BadSetting(
                "DATABASE_REPLICA_URLS must be addresses such as postgresql://user:password@host:5432/name, with "
                "spaces between them. In a password, write @ : / ? # % and spaces as %40 %3A %2F %3F %23 %25 %20."
            )
    if len(set(urls)) < len(urls):
        raise BadSetting("DATABASE_REPLICA_URLS has an address twice.")
    return urls


def _lag(text: str) -> float:
    if not (re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", text) and 0.5 <= float(text) <= 30):
        raise BadSetting("CLAIMS_REPLICA_LAG must be a number of seconds: 0.5 to 30.")
    return float(text)


def _license(text: str) -> str | None:
    text = text.strip()
    if text and not text.startswith(("http://", "https://")):
        raise BadSetting("CLAIMS_LICENSE must be the web address of a licence, beginning with https://.")
    return text or None


def _creators(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(";") if name.strip())
    if len(set(names)) < len(names) or not all(name.isprintable() for name in names):
        raise BadSetting(
            "CLAIMS_CREATORS must be names, family name first, with semicolons between them, such as “Doe, Jane "
            "(0000-0002-1825-0097); Roe, Richard”."
        )
    return names


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 9):
        raise BadSetting(
            "CLAIMS_PROXIES must be the number of reverse proxies in front of the program: 0 to 9."
        )
    return int(text)


def _milliseconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise BadSetting("CLAIMS_SLOW_MS must be a number of milliseconds: 0 to 9999999, where 0 logs none.")
    return int(text)


def _metrics_token(text: str) -> str | None:
    # The message does not repeat it.
    if text and not (len(text) >= 20 and text.isascii() and text.isprintable() and " " not in text):
        raise BadSetting("CLAIMS_METRICS_TOKEN must have at least 20 random letters and digits.")
    return text or None


def _megabytes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise BadSetting("CLAIMS_PAGE_MEMORY must be a number of megabytes: 0 to 999999.")
    return int(text)


def _requests(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name) or "6000"
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise BadSetting(
            f"{name} must be a number of requests in a minute: 0 to 999999999, where 0 is no limit."
        )
    return int(text)


def _service(environment: Mapping[str, str], name: str) -> str:
    setting = f"CLAIMS_{name.upper()}_URL"
    address = environment.get(setting) or SERVICES[name]
    if not address.startswith(("http://", "https://")):
        raise BadSetting(f"{setting} must begin with http:// or https://.")
    return address.rstrip("/")


def _mail(environment: Mapping[str, str]) -> MailSettings | None:
    server, sender = environment.get("CLAIMS_MAIL_SERVER"), environment.get("CLAIMS_MAIL_FROM")
    if not server:
        return None
    # The message does not repeat the address, which may hold a password.
    wrong = BadSetting(
        "CLAIMS_MAIL_SERVER must be an address such as smtp://mail.example.org:587 or "
        "smtps://name:password@mail.example.org."
    )
    try:
        parts = urlsplit(server)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise wrong
    if not sender or "@" not in sender or not sender.isprintable():
        raise BadSetting("CLAIMS_MAIL_FROM must be the sender's address, such as claims@example.org.")
    tls = parts.scheme == "smtps"
    return MailSettings(
        host=parts.hostname,
        port=port or (465 if tls else 25),
        sender=sender,
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _orcid(environment: Mapping[str, str]) -> OrcidSettings | None:
    client_id, secret = (
        environment.get("CLAIMS_ORCID_CLIENT_ID"),
        environment.get("CLAIMS_ORCID_CLIENT_SECRET"),
    )
    if not client_id and not secret:
        return None
    if not client_id or not secret:
        raise BadSetting("CLAIMS_ORCID_CLIENT_ID and CLAIMS_ORCID_CLIENT_SECRET must be set together.")
    issuer = (environment.get("CLAIMS_ORCID_ISSUER") or OrcidSettings.issuer).rstrip("/")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    ):
        raise BadSetting("CLAIMS_ORCID_ISSUER must begin with https://.")
    if importlib.util.find_spec("authlib") is None:
        raise BadSetting("Sign-in with ORCID needs more packages: pip install 'claims-app[orcid]'.")
    return OrcidSettings(client_id=client_id, client_secret=secret, issuer=issuer)


def _kept_address(instance: Path) -> str | None:
    """Return the address that `claims up` last served at, or None."""
    try:
        return (instance / "address").read_text().strip()
    except OSError:
        return None


def _kept_secret_key(instance: Path) -> str:
    """Return the secret key in the instance folder, after creating it on the first run."""
    path = instance / "secret_key"
    try:
        if key := path.read_text().strip():
            return key
        path.unlink()  # empty: the first start was interrupted
    except FileNotFoundError:
        instance.mkdir(parents=True, exist_ok=True)
    # Exclusive creation makes two simultaneous first starts use the same key. Only the owner may read it.
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_hex(SECRET_KEY_LENGTH)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
    return key
