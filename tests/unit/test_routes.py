import json

import pytest

from scorecast.http.request import segments
from scorecast.http.response import Response
from scorecast.http.routes import NoRoute, Route, Routes

routes = Routes()


@routes.get("/matches/<match_id>", answers="Match")
def get_match() -> Response:
    return Response(body="a match")


@routes.put("/matches/<match_id>", answers="Match")
def put_match() -> Response:
    return Response(body="a match")


@routes.put("/matches/<match_id>/score", answers="Accepted")
def put_score() -> Response:
    return Response(body="a score")


@routes.post("/tickets", answers="Ticket")
def post_ticket() -> Response:
    return Response(body="a ticket")


def _found(method: str, path: str) -> Route:
    found = routes.find(method, segments(path))
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
    assert (route.name, route.argument(segments(path))) == (name, argument)


def test_a_route_knows_its_parameter() -> None:
    assert _found("PUT", "/matches/m1/score").parameter == "match_id"
    assert _found("POST", "/tickets").parameter is None


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
def test_another_method_is_told_from_another_path(
    method: str, path: str, methods: tuple[str, ...]
) -> None:
    assert routes.find(method, segments(path)) == NoRoute(methods)


def test_a_path_that_is_not_ours_is_not_found() -> None:
    answer = NoRoute(()).answer()
    assert (answer.status, answer.headers) == (404, {})
    assert json.loads(answer.body)["detail"] == "There is no such resource."


def test_a_method_that_a_path_does_not_take_is_told_the_others() -> None:
    answer = NoRoute(("GET", "PUT", "HEAD")).answer()
    assert (answer.status, answer.headers) == (405, {"allow": "GET, PUT, HEAD"})
    problem = json.loads(answer.body)
    assert (problem["status"], problem["code"]) == (405, "unsupported_message_type")
    assert problem["detail"] == "This resource does not take this method."


def test_what_is_read_by_whoever_has_a_token_may_be_kept_for_a_moment() -> None:
    assert _found("GET", "/matches/m1").is_read
    assert not _found("PUT", "/matches/m1").is_read
    public = Route(method="GET", path="/", perform=get_match, answers="Match", public=True)
    assert not public.is_read


@pytest.mark.parametrize("method", ["get", "put", "post", "delete"])
def test_a_table_knows_a_route_by_its_method_its_path_and_what_performs_it(method: str) -> None:
    table = Routes()
    assert getattr(table, method)("/a/<b>", answers="B", public=True)(get_match) is get_match
    assert table.all == [
        Route(method=method.upper(), path="/a/<b>", perform=get_match, answers="B", public=True)
    ]
