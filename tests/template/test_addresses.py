"""The two APIs: which routes they have, and who may pass."""

from collections.abc import Callable
from typing import Any

import pytest

from scorecast.http.resolver import ROUTES
from tests.template.conftest import Resource, Resources

OfType = Callable[[str], Resources]
DOCUMENTS = {"GET /openapi.json", "GET /docs"}
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


@pytest.fixture
def socket_stage(of_type: OfType) -> Resource:
    stages = [stage["Properties"] for stage in of_type("AWS::ApiGatewayV2::Stage").values()]
    [stage] = [stage for stage in stages if stage["ApiId"] == {"Ref": "Socket"}]
    return dict(stage)


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


def test_an_answer_to_a_message_is_sent_back(
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
    assert {route["RouteKey"] for route in routes} >= {"$default"}
    assert {route["Target"]["Fn::Sub"] for route in routes} == {"integrations/${HttpIntegration}"}


def test_each_route_of_the_socket_has_a_throttle_of_its_own(
    socket_stage: Resource, socket_routes: dict[str, Resource]
) -> None:
    """Without one it would share the default's, which is $connect's."""
    assert set(socket_stage["RouteSettings"]) == set(socket_routes) - {"$connect"}
    for settings in ({}, *socket_stage["RouteSettings"].values()):
        throttle = socket_stage["DefaultRouteSettings"] | settings
        assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= throttle.keys()


def test_new_connections_are_throttled_under_the_quota(socket_stage: Resource) -> None:
    budget = {"Ref": "ConnectsPerSecondBudget"}
    assert socket_stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": budget,
        "ThrottlingBurstLimit": budget,
    }


def test_what_clients_send_leaves_room_for_posts(
    socket_stage: Resource, template: dict[str, Any]
) -> None:
    posts = template["Parameters"]["PostsPerSecondBudget"]["Default"]
    assert socket_stage["RouteSettings"]["$default"]["ThrottlingRateLimit"] <= posts / 2


def test_reports_over_http_have_throttles_apart_from_reads(
    resources: Resources, of_type: OfType
) -> None:
    stage = resources["HttpStage"]
    routes = {
        route["Properties"]["RouteKey"]: name
        for name, route in of_type("AWS::ApiGatewayV2::Route").items()
        if route["Properties"]["ApiId"] == {"Ref": "Http"}
    }
    own = {f"{method} /{{proxy+}}" for method in ("POST", "PUT", "DELETE")} | DOCUMENTS
    assert set(stage["Properties"]["RouteSettings"]) == own == set(routes) - {"$default"}
    # A setting for a route that is not there yet is refused.
    assert set(stage["DependsOn"]) == {routes[key] for key in own}
    reads = stage["Properties"]["DefaultRouteSettings"]
    assert reads["ThrottlingRateLimit"] == {"Ref": "ReadsPerSecondBudget"}


def test_documents_have_a_throttle_of_their_own(resources: Resources) -> None:
    """Anyone may read them, and nothing else limits how often."""
    settings = resources["HttpStage"]["Properties"]["RouteSettings"]
    assert {settings[route]["ThrottlingRateLimit"] for route in DOCUMENTS} == {10}
    public = {f"{route.method} {route.path}" for route in ROUTES.all if route.public}
    assert public == DOCUMENTS


def test_settings_of_a_route_are_numbers(of_type: OfType) -> None:
    """RouteSettings takes any JSON: a parameter's value may reach API Gateway as text."""
    for name, stage in of_type("AWS::ApiGatewayV2::Stage").items():
        for settings in stage["Properties"]["RouteSettings"].values():
            assert all(isinstance(each, int) for each in settings.values()), name


@pytest.mark.parametrize(
    ("variable", "condition", "resource"),
    [
        ("RouteResponse", "InAws", "SocketDefaultRouteResponse"),
        ("GatewayAccount", "MakesGatewayLogRole", "GatewayAccount"),
    ],
)
def test_the_stage_comes_after_what_it_needs(
    variable: str, condition: str, resource: str, socket_stage: Resource, resources: Resources
) -> None:
    chosen = {"Fn::If": [condition, {"Ref": resource}, "none"]}
    assert socket_stage["StageVariables"][variable] == chosen
    assert resources[resource]["Condition"] == condition


def test_the_accounts_role_for_logs_is_made_when_asked_for_and_stays(
    resources: Resources, template: dict[str, Any]
) -> None:
    assert template["Parameters"]["GatewayLogRole"]["Default"] == "false"
    account, role = resources["GatewayAccount"], resources["GatewayLogsRole"]
    assert account["Properties"]["CloudWatchRoleArn"] == {"Fn::GetAtt": ["GatewayLogsRole", "Arn"]}
    for resource in (account, role):
        assert resource["Condition"] == "MakesGatewayLogRole"
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"


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
