"""The quickstarts' blocks, run in the order of their pages. Those with a page: tests/browser."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.paths import ROOT
from scorecast_client.publisher import Publisher
from tests.docs.desk import SHELLS, Desk, lay
from tests.docs.pages import blocks, page, section
from tests.e2e.cup import Cup
from tests.e2e.deployed import PATHS, Deployed

PLATFORM = "quickstart-platform.md"
BACK_END = "quickstart-back-end.md"
FRONT_END = "quickstart-front-end.md"
AWS = f"""#!{sys.executable}
# As much of the AWS CLI as the page uses, in front of the local cloud.
import sys

import jmespath

sys.path.insert(0, {str(ROOT)!r})
from infra.local.aws import LocalAws

service, operation, *options = sys.argv[1:]
given = dict(zip(options[::2], options[1::2], strict=True))
query, output = given.pop("--query"), given.pop("--output")
named = {{name[2:].title().replace("-", ""): value for name, value in given.items()}}
answer = getattr(LOCAL_AWS.client(service), operation.replace("-", "_"))(**named)
found = jmespath.search(query, answer)
assert output == "text"
print(found if isinstance(found, str) else "\\t".join(found))
"""


@pytest.fixture
def desk(deployed: Deployed, tmp_path: Path) -> Desk:
    return lay(tmp_path, PATHS.stack_file)


def claims_of(deployed: Deployed) -> dict[str, Any]:
    """What the local cloud demands of a token, and a stack as it is deployed does not."""
    jwt = deployed.description["jwt"]
    return {"iss": jwt["issuer"], "aud": jwt["audience"]}


def answers(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines() if line]


def test_the_platform_engineer_gets_to_the_first_score(
    desk: Desk, deployed: Deployed, publisher: Publisher
) -> None:
    dev, deploy, token, publish, watch = blocks(page(PLATFORM), "sh")
    desk.put("bin/aws", AWS.replace("LOCAL_AWS", repr(deployed.aws))).chmod(0o755)
    path = f'PATH="{desk.folder / "bin"}:$PATH"\n'
    demanded = claims_of(deployed)
    token = token.replace("scorecast-dev", deployed.description["stack_name"]).replace(
        "--role admin", f"--role admin --issuer {demanded['iss']} --audience {demanded['aud']}"
    )

    received = desk.paste(dev, deploy, path + token, publish)

    assert "-m infra.local dev" in received[0]
    assert "sam deploy --config-env dev" in received[1]
    assert publisher.match("opening")["participant1_score"] == 1
    with desk.running(path + token + watch) as terminal:
        terminal.see("Spring Cup", "Reds", "1 : 0", "Blues")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_back_end_developer_plays_a_match_with_curl(
    desk: Desk, publisher: Publisher, shell: str
) -> None:
    text = (
        page(BACK_END).replace("matches/final", f"matches/{shell}").replace('"final"', f'"{shell}"')
    )
    setup, register, goal, end, goal_after_the_end, _ = blocks(text, "sh")

    received = desk.paste(setup, register, goal, goal, end, goal_after_the_end, shell=shell)

    assert answers(received[2]) == answers(received[3]) == [{"match_id": shell, "revision": 1}]
    final = answers(received[4])[-1]
    assert (final["state"], final["winner_id"]) == ("completed", "mex")
    assert final == publisher.match(shell)
    assert answers(received[5]) == [json.loads(each) for each in blocks(text, "json")]


def test_the_back_end_developer_plays_a_match_with_python(desk: Desk, publisher: Publisher) -> None:
    setup = blocks(page(BACK_END), "sh")[0]
    plain, side_by_side = blocks(section(page(BACK_END), "## With Python"), "python")
    desk.put("play.py", plain)
    desk.put("play_both.py", side_by_side)

    _, played, both = desk.paste(
        setup, ".venv/bin/python play.py\n", ".venv/bin/python play_both.py\n"
    )

    assert "counted once: True\n409 match_not_live Scores are accepted" in played
    assert publisher.match("derby")["winner_id"] == "reds"
    assert "'leg-1'" in both and "'leg-2'" in both
    assert publisher.match("leg-2")["winner_id"] == "blues"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_token_that_a_back_end_signs_is_good(
    desk: Desk, deployed: Deployed, shell: str
) -> None:
    tokens = section(page(BACK_END), "## Tokens")
    (code,), (secret,) = blocks(tokens, "python"), blocks(tokens, "sh")
    desk.put("token_for.py", code)

    _, token = desk.paste(secret, ".venv/bin/python token_for.py", shell=shell)

    with Publisher(deployed.stack.http_url, token=token.strip()) as publisher:
        assert publisher.disconnect_user("nobody") == {"disconnected": 0}


def test_the_terminal_shows_the_tournament(desk: Desk) -> None:
    watch = blocks(section(page(FRONT_END), "## In a terminal"), "sh")[0]
    with desk.running(watch) as terminal:
        terminal.see("demo-1")


def test_the_program_receives_the_match(
    desk: Desk, deployed: Deployed, cup: Cup, publisher: Publisher
) -> None:
    (code,) = blocks(section(page(FRONT_END), "## In a terminal"), "python")
    desk.put("watch.py", code)
    match = cup.new_match()
    received = f"'{deployed.stack.ws_url}' '{cup.token('fan')}' {match.id}"

    with desk.running(f"exec .venv/bin/python watch.py {received}") as terminal:
        terminal.see("snapshot", match.id)
        publisher.start(match.id)
        terminal.see("match_started")
        assert terminal.interrupted() == 0
    assert "Traceback" not in terminal.shown
