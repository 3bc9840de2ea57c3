import socket

import pytest

from infra.local.errors import LocalError
from infra.local.paths import DEFAULT_NAME, StackPaths
from infra.local.ports import (
    CLOUD_PORT,
    HOST,
    PAGE_PORT,
    Ports,
    asked,
    choose,
    require_same,
)

HIGHEST = 65535


@pytest.mark.parametrize("text", ["0", "65536", "-1", "4566.0", "http", "\uff14\uff15"])
def test_what_is_no_port_is_told(text: str) -> None:
    with pytest.raises(LocalError, match=f"PORT={text} is no port"):
        asked({"PORT": text}, "PORT")


@pytest.mark.parametrize("text", ["1", str(HIGHEST)])
def test_the_lowest_and_the_highest_port_are_ports(text: str) -> None:
    assert asked({"PORT": text}, "PORT") == int(text)


@pytest.mark.parametrize("environ", [{}, {"PORT": ""}])
def test_no_port_is_asked_for_by_saying_nothing(environ: dict[str, str]) -> None:
    assert asked(environ, "PORT") is None


def test_a_busy_port_is_told_with_the_way_out() -> None:
    with socket.create_server((HOST, 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(LocalError, match=f"Port {port} .*PAGE_PORT="):
            choose({"PAGE_PORT": str(port)}, StackPaths("second"))


def test_a_second_stack_takes_ports_of_its_own() -> None:
    chosen = choose({}, StackPaths("second"))
    assert chosen.cloud != chosen.page
    assert not {chosen.cloud, chosen.page} & {CLOUD_PORT, PAGE_PORT}


def test_a_running_stack_cannot_be_asked_to_move() -> None:
    running = Ports(cloud=4566, page=8080)
    require_same({}, running)
    require_same({"PORT": "4566", "PAGE_PORT": "8080"}, running)
    with pytest.raises(LocalError, match="PORT=4567 comes too late"):
        require_same({"PORT": "4567"}, running)


@pytest.mark.parametrize("name", ["", DEFAULT_NAME])
def test_the_first_stack_needs_no_name(name: str) -> None:
    site = StackPaths.from_environ({"STACK": name})
    assert site.is_default
    assert site.stack_name == "scorecast"
    assert site.description.name == "stack.json"


def test_a_second_stack_has_its_own_description() -> None:
    site = StackPaths.from_environ({"STACK": "test"})
    assert site.stack_name == "scorecast-test"
    assert site.description.name == "test.json"


@pytest.mark.parametrize("name", ["../other", "Test", "1st", "a b", "a" * 32, "-x"])
def test_a_name_that_is_none_is_told(name: str) -> None:
    with pytest.raises(LocalError, match="is no name for a stack"):
        StackPaths.from_environ({"STACK": name})
