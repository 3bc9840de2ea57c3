from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.connections.identity import Identity, from_context, to_context

ids = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
identities = st.builds(
    Identity,
    user_id=st.none() | ids,
    name=st.none() | st.text(min_size=1, max_size=20),
    role=st.none() | st.sampled_from(["admin", "service"]),
    tournaments=st.lists(ids, max_size=5).map(tuple),
    matches=st.lists(ids, max_size=5).map(tuple),
    expires_at_ms=st.none() | st.integers(1, 2**53 - 1),
)


@given(identities)
def test_an_identity_survives_the_authorizers_context(identity: Identity) -> None:
    assert from_context(to_context(identity)) == identity


@given(identities)
def test_every_value_of_the_context_is_a_string(identity: Identity) -> None:
    assert all(isinstance(value, str) and value for value in to_context(identity).values())


def test_what_the_gateway_adds_to_the_context_is_ignored() -> None:
    context = {"principalId": "u1", "integrationLatency": "7", "user_id": "u1"}
    assert from_context(context) == Identity(user_id="u1")
