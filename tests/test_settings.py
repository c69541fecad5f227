"""The settings: their `repr` appears in logs and tracebacks, so it holds no secret."""

import dataclasses
from pathlib import Path

from claims_app.config import MailSettings, OrcidSettings, Settings

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
