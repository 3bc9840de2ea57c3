import pytest

from scorecast.http_answer import Answer
from scorecast.http_request import segments
from scorecast.routes import NoRoute, Route, Routes

routes = Routes()


@routes.get("/matches/<match_id>", answers="Match")
def get_match() -> Answer:
    return Answer(body="a match")


@routes.put("/matches/<match_id>", answers="Match")
def put_match() -> Answer:
    return Answer(body="a match")


@routes.put("/matches/<match_id>/score", answers="Accepted")
def put_score() -> Answer:
    return Answer(body="a score")


@routes.post("/tickets", answers="Ticket")
def post_ticket() -> Answer:
    return Answer(body="a ticket")


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
