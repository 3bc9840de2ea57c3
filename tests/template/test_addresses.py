"""The two APIs: which routes they have, and who may pass."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.template.conftest import Resource, Resources

OfType = Callable[[str], Resources]
SECRETS_OF_THE_CALLER = ("identity", "queryString", "header", "authorizer", "path")


@pytest.fixture
def socket_routes(of_type: OfType) -> dict[str, Resource]:
    """The socket's routes by key; each also knows its logical name."""
    routes = of_type("AWS::ApiGatewayV2::Route")
    return {
        route["Properties"]["RouteKey"]: route["Properties"] | {"name": name}
        for name, route in routes.items()
        if route["Properties"]["ApiId"] == {"Ref": "Socket"}
    }


def test_the_socket_has_its_three_routes_and_no_other(socket_routes: dict[str, Resource]) -> None:
    assert set(socket_routes) == {"$connect", "$disconnect", "$default"}


def test_connect_is_behind_the_authorizer(
    socket_routes: dict[str, Resource], resources: Resources
) -> None:
    route = socket_routes["$connect"]
    assert route["AuthorizationType"] == "CUSTOM"

    authorizer = resources[route["AuthorizerId"]["Ref"]]["Properties"]
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert "'AuthorizerFunction', 'Arn'" in str(authorizer["AuthorizerUri"])
    # A source named in AWS would refuse the clients that bring their token another way.
    assert authorizer["IdentitySource"] == {"Fn::If": ["InAws", {"Ref": "AWS::NoValue"}, []]}


def test_the_authorizer_may_be_called(of_type: OfType) -> None:
    callers = [
        permission["Properties"]
        for permission in of_type("AWS::Lambda::Permission").values()
        if "AuthorizerFunction" in str(permission["Properties"]["FunctionName"])
    ]
    assert [caller["Principal"] for caller in callers] == ["apigateway.amazonaws.com"]


def test_an_answer_to_a_frame_is_sent_back(
    socket_routes: dict[str, Resource], resources: Resources
) -> None:
    route = socket_routes["$default"]
    response = resources["SocketDefaultRouteResponse"]

    assert route["RouteResponseSelectionExpression"] == "$default"
    assert response["Type"] == "AWS::ApiGatewayV2::RouteResponse"
    assert response["Properties"]["RouteId"] == {"Ref": route["name"]}
    assert response["Properties"]["RouteResponseKey"] == "$default"
    # Nothing but MiniStack, which does not know the type, goes without.
    assert response["Condition"] == "InAws"


def test_every_http_request_reaches_the_api(of_type: OfType) -> None:
    routes = [
        route["Properties"]
        for route in of_type("AWS::ApiGatewayV2::Route").values()
        if route["Properties"]["ApiId"] == {"Ref": "Http"}
    ]
    assert [route["RouteKey"] for route in routes] == ["$default"]


def test_new_connections_are_throttled_under_the_quota(of_type: OfType) -> None:
    stages = [stage["Properties"] for stage in of_type("AWS::ApiGatewayV2::Stage").values()]
    [connect] = [stage["RouteSettings"]["$connect"] for stage in stages if "RouteSettings" in stage]
    assert connect["ThrottlingRateLimit"] == {"Ref": "ConnectsPerSecondBudget"}


def test_access_logs_hold_no_token_and_no_address(of_type: OfType) -> None:
    stages = of_type("AWS::ApiGatewayV2::Stage").values()
    formats = [_log_format(stage["Properties"]["AccessLogSettings"]) for stage in stages]

    assert len(formats) == 2
    for text in formats:
        assert not [word for word in SECRETS_OF_THE_CALLER if f"$context.{word}" in text]


def _log_format(settings: dict[str, Any]) -> str:
    condition, logged, otherwise = settings["Fn::If"]
    assert (condition, otherwise) == ("LogsAccess", {"Ref": "AWS::NoValue"})
    return str(logged["Format"])
