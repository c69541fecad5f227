"""The settings: their `repr` appears in logs and tracebacks, so it holds no secret."""

import dataclasses
from pathlib import Path

import pytest

from claims_app.config import BadSetting, MailSettings, OrcidSettings, Settings

SECRETS = {
    "DATABASE_URL": "postgresql://claims:d4tabase-pw@db.example.org/claims?sslpassword=k3y-pw",
    "SECRET_KEY": "s3cret-key " * 4,
    "CLAIMS_ORCID_CLIENT_ID": "APP-1",
    "CLAIMS_ORCID_CLIENT_SECRET": "orcid-s3cret",
    "CLAIMS_MAIL_SERVER": "smtps://me:m4il-pw@mail.example.org",
    "CLAIMS_MAIL_FROM": "claims@example.org",
    "CLAIMS_PUBMED_URL": "https://me:pr0xy-pw@proxy.example.org/pubmed",
}


def test_no_secret_is_in_the_text_of_the_settings(tmp_path: Path) -> None:
    settings = Settings.from_environment(SECRETS, tmp_path)
    assert settings.mail is not None
    assert settings.orcid is not None
    # Each of them is known, and none is shown.
    assert "d4tabase-pw" in settings.database_url
    assert (settings.mail.password, settings.orcid.client_secret) == ("m4il-pw", "orcid-s3cret")
    for text in (repr(settings), str(settings), f"{settings}", repr(settings.mail), repr(settings.orcid)):
        for secret in ("d4tabase-pw", "k3y-pw", "s3cret-key", "orcid-s3cret", "m4il-pw", "pr0xy-pw"):
            assert secret not in text
    assert "APP-1" in repr(settings)
    assert "mail.example.org" in repr(settings)


def test_a_setting_that_may_hold_a_secret_is_not_in_the_text() -> None:
    hidden = {
        field.name
        for settings in (Settings, MailSettings, OrcidSettings)
        for field in dataclasses.fields(settings)
        if not field.repr
    }
    assert hidden == {
        *("database_url", "replica_urls", "secret_key", "services", "password", "client_secret"),
        "metrics_token",
    }


def test_the_address_is_kept_in_a_folder_that_no_other_setting_needed(tmp_path: Path) -> None:
    settings = Settings.from_environment(SECRETS, tmp_path)
    assert not settings.instance.exists()
    settings.keep_address("http://127.0.0.1:8071")
    assert Settings.from_environment(SECRETS, tmp_path).base_url == "http://127.0.0.1:8071"


PRIMARY = "postgresql://claims:pw@db1/claims"


def _replicas(text: str, folder: Path, primary: str = PRIMARY) -> tuple[str, ...]:
    environment = {
        "DATABASE_URL": primary,
        "DATABASE_REPLICA_URLS": text,
        "SECRET_KEY": SECRETS["SECRET_KEY"],
    }
    return Settings.from_environment(environment, folder).replica_urls


@pytest.mark.parametrize("between", [" ", "\n", ",", " , "])
def test_replicas_are_addresses_with_spaces_or_commas_between_them(tmp_path: Path, between: str) -> None:
    first, second = "://u:a%2C%20b,@db2:5433/claims?sslmode=require", "://u@/claims?host=/run/postgresql"
    assert _replicas(f" postgres{first}{between}postgresql{second}\n", tmp_path) == (
        f"postgresql+psycopg{first}",
        f"postgresql+psycopg{second}",
    )


@pytest.mark.parametrize(
    "text",
    [
        "db2",
        "sqlite:///other.sqlite3",
        "mysql://claims:s3cret@db2/claims",
        "postgresql://claims:s3cret@db2",
        "postgresql://claims:s3cret@db2:port/claims",
        "postgresql://claims:s3cret@/claims?host=db2&host=db3",
        f"{PRIMARY} {PRIMARY}",
    ],
)
def test_nonsense_is_no_replica(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSetting, match="DATABASE_REPLICA_URLS") as refused:
        _replicas(text, tmp_path)
    assert "s3cret" not in str(refused.value)


def test_sqlite_has_no_replicas(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="needs PostgreSQL"):
        _replicas(PRIMARY, tmp_path, primary="sqlite:///here.sqlite3")


@pytest.mark.parametrize("text", ["0", "0.4", "31", "2s", "-1", "nan", "٣"])
def test_a_lag_is_half_a_second_to_half_a_minute(tmp_path: Path, text: str) -> None:
    environment = {"SECRET_KEY": SECRETS["SECRET_KEY"]}
    assert Settings.from_environment(environment | {"CLAIMS_REPLICA_LAG": "0.5"}, tmp_path).replica_lag == 0.5
    with pytest.raises(BadSetting, match="CLAIMS_REPLICA_LAG"):
        Settings.from_environment(environment | {"CLAIMS_REPLICA_LAG": text}, tmp_path)
