import pytest

from scorecast.http.preconditions import is_conditional, is_met
from tests.unit.http_requests import request


@pytest.mark.parametrize("named", ['"a"', '"b", "a"', '"b","a" ', "*"])
def test_a_precondition_names_the_current_tag(named: str) -> None:
    assert is_met(request(if_match=named), '"a"')


@pytest.mark.parametrize("named", ['W/"a"', '"b"', "a", "", '"A"', '*, "b"'])
def test_any_other_tag_fails(named: str) -> None:
    """Compared strongly, as RFC 9110 asks: a weak tag never matches."""
    assert not is_met(request(if_match=named), '"a"')


@pytest.mark.parametrize("named", ["*", '"a"'])
def test_nothing_has_no_tag(named: str) -> None:
    assert not is_met(request(if_match=named), None)


def test_a_request_without_the_header_has_no_precondition() -> None:
    assert not is_conditional(request())
    assert is_conditional(request(if_match=""))
