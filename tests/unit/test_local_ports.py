import pytest

from infra.local.errors import LocalError
from infra.local.paths import DEFAULT_NAME, StackPaths
from infra.local.ports import (
    ANY,
    CLOUD_PORT,
    HOST,
    PAGE_PORT,
    listener,
    requested,
    require_same,
    url,
)

HIGHEST = 65535


@pytest.mark.parametrize("text", ["0", "65536", "-1", "4566.0", "http", "\uff14\uff15"])
def test_an_invalid_port_is_named(text: str) -> None:
    with pytest.raises(LocalError, match=f"PORT={text} is not a port"):
        requested({"PORT": text}, "PORT")


@pytest.mark.parametrize("text", ["1", str(HIGHEST)])
def test_the_lowest_and_the_highest_port_are_ports(text: str) -> None:
    assert requested({"PORT": text}, "PORT") == int(text)


@pytest.mark.parametrize("environ", [{}, {"PORT": ""}])
def test_an_empty_variable_requests_no_port(environ: dict[str, str]) -> None:
    assert requested(environ, "PORT") is None


def test_a_busy_port_is_named_with_what_to_do() -> None:
    with listener({}, "PAGE_PORT", ANY) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(LocalError, match=f"Port {port} .*in use.*PAGE_PORT="):
            listener({"PAGE_PORT": str(port)}, "PAGE_PORT", ANY)


def test_a_second_stack_takes_ports_of_its_own() -> None:
    with listener({}, "PORT", ANY) as cloud, listener({}, "PAGE_PORT", ANY) as page:
        assert len({url(cloud), url(page), url_of(CLOUD_PORT), url_of(PAGE_PORT)}) == 4


def test_a_running_stack_cannot_be_asked_to_move() -> None:
    running = {"endpoint_url": url_of(4566), "page_url": f"{url_of(8080)}/"}
    require_same({}, running)
    require_same({"PORT": "4566", "PAGE_PORT": "8080"}, running)
    with pytest.raises(LocalError, match="PORT=4567 has no effect"):
        require_same({"PORT": "4567"}, running)


def url_of(port: int) -> str:
    return f"http://{HOST}:{port}"


@pytest.mark.parametrize("name", ["", DEFAULT_NAME])
def test_the_first_stack_needs_no_name(name: str) -> None:
    paths = StackPaths.from_environ({"STACK": name})
    assert paths.is_default
    assert paths.stack_name == "scorecast"
    assert paths.stack_file.name == "stack.json"


def test_a_second_stack_has_its_own_description() -> None:
    paths = StackPaths.from_environ({"STACK": "test"})
    assert paths.stack_name == "scorecast-test"
    assert paths.stack_file.name == "test.json"


@pytest.mark.parametrize("name", ["../other", "Test", "1st", "a b", "a" * 32, "-x"])
def test_an_invalid_name_is_named(name: str) -> None:
    with pytest.raises(LocalError, match="is not a stack name"):
        StackPaths.from_environ({"STACK": name})
