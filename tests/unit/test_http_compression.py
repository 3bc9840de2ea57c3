import pytest

from scorecast.http.compression import accepts_gzip


@pytest.mark.parametrize(
    "accepted", ["gzip", "br, gzip", "GZIP;q=0.5", "*", "gzip;q=0.001", "deflate;q=0, *;q=0.1"]
)
def test_gzip_is_accepted_by_name_or_by_a_star(accepted: str) -> None:
    assert accepts_gzip(accepted)


@pytest.mark.parametrize(
    "accepted", ["", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "x-gzip"]
)
def test_gzip_is_not_sent_to_a_client_that_refuses_it(accepted: str) -> None:
    assert not accepts_gzip(accepted)
