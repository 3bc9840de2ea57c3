import pytest

from infra.preflight.__main__ import main
from infra.preflight.environments import UnknownEnvironment, read_environment


def test_an_environment_has_what_build_deploy_and_delete_share() -> None:
    prod = read_environment("prod")
    assert prod.stack_name == "scorecast-prod"
    assert prod.parameters["ProtectData"] == "true"


@pytest.mark.parametrize("name", ["nonsense", "version", "local", ""])
def test_an_unknown_environment_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownEnvironment, match=r"samconfig.toml has dev, prod, staging\."):
        read_environment(name)


def test_a_missing_region_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    assert main(["dev"]) == 2
    assert "No AWS region: set AWS_REGION" in capsys.readouterr().err

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert main(["dev"]) == 0
