from pathlib import Path

import pytest

from scorecast.aws.signed_http import credentials
from scorecast.aws.signed_http.credentials import Credentials, NoCredentials, current


@pytest.fixture(autouse=True)
def _nothing_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable, no file, no metadata service; and no session of an earlier test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(credentials, "_session", credentials._session.__wrapped__)


def test_a_lambdas_are_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert current() == Credentials("AKID", "secret", None)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    assert current() == Credentials("AKID", "secret", "session")


def test_elsewhere_they_are_what_botocore_finds(tmp_path: Path) -> None:
    profile = "[default]\naws_access_key_id = AKID\naws_secret_access_key = secret\n"
    (tmp_path / "credentials").write_text(profile)
    assert current() == Credentials("AKID", "secret", None)


def test_without_any_there_are_none() -> None:
    with pytest.raises(NoCredentials):
        current()


def test_credentials_are_not_shown_where_they_are_logged() -> None:
    assert "secret" not in repr(Credentials("AKID", "secret", "session"))
