import pytest

from scorecast.http.routing import NoRoute, Route, Routes, joined
from scorecast.protocol.commands import MatchStart, MatchStateChange
from tests.unit.http_requests import request

routes = Routes()


@routes.get("/matches/<match_id>")
def get_match(_call: object, match_id: str) -> str:
    return match_id


@routes.put("/matches/<match_id>")
def put_match(_call: object, match_id: str, body: MatchStart) -> object:
    return match_id, body


@routes.put("/matches/<match_id>/score")
def put_score(_call: object, match_id: str, body: MatchStart | MatchStateChange) -> object:
    return match_id, body


@routes.post("/tickets")
def post_ticket(_call: object) -> str:
    return "a ticket"


def _found(method: str, path: str) -> Route:
    found = routes.find(method, request(path=path).segments)
    assert isinstance(found, Route)
    return found


@pytest.mark.parametrize(
    ("method", "path", "name", "argument"),
    [
        ("GET", "/matches/m1", "get_match", "m1"),
        ("HEAD", "/matches/m1", "get_match", "m1"),
        ("PUT", "/matches/m1", "put_match", "m1"),
        ("PUT", "/matches/score/score", "put_score", "score"),
        ("GET", "/matches/a%20b", "get_match", "a b"),
        ("GET", "/matches/%252F", "get_match", "%2F"),
    ],
)
def test_a_path_leads_to_its_route(method: str, path: str, name: str, argument: str) -> None:
    route = _found(method, path)
    assert route.name == name
    assert route.arguments(request(path=path).segments) == {"match_id": argument}


def test_a_route_has_the_parameters_of_its_path() -> None:
    assert _found("PUT", "/matches/m1/score").parameters == ["match_id"]
    assert _found("POST", "/tickets").parameters == []


def test_a_route_has_the_bodies_of_its_annotation() -> None:
    assert _found("PUT", "/matches/m1").bodies == (MatchStart,)
    assert _found("PUT", "/matches/m1/score").bodies == (MatchStart, MatchStateChange)
    assert _found("GET", "/matches/m1").bodies == ()


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("POST", "/matches/m1", ("GET", "PUT", "HEAD")),
        ("HEAD", "/tickets", ("POST",)),
        ("put", "/matches/m1/score", ("PUT",)),
        ("GET", "/matches", ()),
        ("GET", "/matches/", ()),
        ("GET", "/matches/m1/", ()),
        ("GET", "/", ()),
        ("GET", "", ()),
        ("GET", "matches/m1", ()),
    ],
)
def test_another_method_is_not_another_path(
    method: str, path: str, methods: tuple[str, ...]
) -> None:
    assert routes.find(method, request(path=path).segments) == NoRoute(methods)


def test_only_a_get_is_a_read() -> None:
    assert _found("HEAD", "/matches/m1").is_read
    assert not _found("PUT", "/matches/m1").is_read


@pytest.mark.parametrize("method", ["get", "put", "post", "delete"])
def test_a_table_knows_a_route_by_its_method_its_path_and_what_performs_it(method: str) -> None:
    table = Routes()
    assert getattr(table, method)("/a/<b>", public=True)(get_match) is get_match
    assert table.all == [
        Route(method=method.upper(), path="/a/<b>", perform=get_match, public=True)
    ]


def test_tables_are_joined_in_order() -> None:
    other = Routes()
    other.get("/other")(get_match)
    assert joined(routes, other).all == routes.all + other.all
