import ast
import inspect

from scorecast.protocol import limits


def test_every_limit_is_final_and_says_what_happens_past_it() -> None:
    """The sentence of a pair stands after its second limit."""
    body = ast.parse(inspect.getsource(limits)).body[2:]
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign):
            assert isinstance(statement.annotation, ast.Name)
            assert statement.annotation.id == "Final"
            assert following is not None
        else:
            assert isinstance(statement, ast.Expr)
            assert isinstance(statement.value, ast.Constant)


def test_posting_leaves_a_flush_time_for_a_second_fan_out() -> None:
    """A completion publishes its window's score and itself, within flush's 15 s."""
    assert 2 * limits.FAN_OUT_MS_MAX + limits.POST_TIMEOUT_MS < 15_000


def test_a_welcome_waits_no_longer_than_its_function_lives() -> None:
    assert limits.OPENING_WAIT_MS_MAX + limits.POST_TIMEOUT_MS < 15_000
