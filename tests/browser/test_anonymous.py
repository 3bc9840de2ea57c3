"""Spectators without a token, on a stack that lets them in."""

import json
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Page, Route, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.cup import Cup
from tests.e2e.deployed import Deployed

FUNCTIONS = ("AuthorizerFunction", "ApiFunction")
STARTED_WITHIN_MS = 120_000
"""Both functions start anew with another setting."""


def allow_anonymous(deployed: Deployed, allowed: str) -> None:
    """Set what the parameter AllowAnonymous sets, without a deployment."""
    functions = deployed.aws.client("lambda")
    stack = deployed.aws.client("cloudformation")
    for name in FUNCTIONS:
        described = stack.describe_stack_resource(
            StackName=deployed.description["stack_name"], LogicalResourceId=name
        )
        function = described["StackResourceDetail"]["PhysicalResourceId"]
        environment: Mapping[str, str] = functions.get_function_configuration(
            FunctionName=function
        )["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=function,
            Environment={"Variables": {**environment, "ALLOW_ANONYMOUS": allowed}},
        )


@pytest.fixture
def open_to_all(deployed: Deployed) -> Iterator[None]:
    allow_anonymous(deployed, "true")
    yield
    allow_anonymous(deployed, "false")


def without_token(page: Page) -> Page:
    """The page gets the configuration of a site that has no tokens for its visitors."""

    def fulfill(route: Route) -> None:
        configuration = route.fetch().json()
        del configuration["token"]
        route.fulfill(body=json.dumps(configuration), content_type="application/json")

    page.route("**/config.json", fulfill)
    return page


@pytest.mark.usefixtures("open_to_all")
def test_spectator_without_a_token_sees_scores(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    sockets: list[str] = []
    page = screens.page()
    page.on("websocket", lambda socket: sockets.append(socket.url))

    screens.visit(without_token(page), tournament=cup.id)
    expect(page.locator("#status")).to_have_text("Live", timeout=STARTED_WITHIN_MS)
    publisher.score(match.id, (1, 0))

    expect(page.locator("#live .score")).to_have_text(["1", "0"])
    assert not any("token=" in url or "ticket=" in url for url in sockets)
