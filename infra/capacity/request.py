"""What is asked of the model: a file and options, checked."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any, Final

from infra.capacity.audience import Audience, Cut, evening
from infra.capacity.bounds import DEFAULTS, PARAMETERS, QUOTAS, Bounds

SECTIONS: Final = ("audience", "parameters", "quotas")
WHOLE: Final = frozenset({"matches", "tournaments"})
SHARES: Final = frozenset({"largest_share", "first_visits", "share"})
ABOVE_ZERO: Final = frozenset(
    {"viewers of the audience", "stay_minutes", "viewers_per_address", *PARAMETERS, *QUOTAS}
) - {"CoalesceWindowMs", "CoalesceMaxWaitMs"}


class BadInput(Exception):
    """One sentence: the value, and what it should be."""


def read_file(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise BadInput(f"{path} is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path} must hold an object with {_listed(SECTIONS)}.")
    _check_names(content, SECTIONS, where=str(path))
    return content


def audience_of(given: object, *, viewers: float) -> Audience:
    """The evening, with what is given instead of its own."""
    usual = evening(viewers)
    values = _object(given, "audience")
    names = [field.name for field in fields(Audience)]
    _check_names(values, names, where="audience")
    read: dict[str, Callable[[object], Any]] = {"curve": _curve, "cuts": _cuts}
    changed = {
        name: read[name](value) if name in read else _number(name, value)
        for name, value in values.items()
    }
    if "curve" in changed and "cuts" not in changed:
        changed["cuts"] = ()
    kept = {name: getattr(usual, name) for name in names}
    return Audience(**(kept | changed))


def bounds_of(parameters: object, quotas: object, *, beside: Bounds = DEFAULTS) -> Bounds:
    changed: dict[str, float] = {}
    for section, given, known in (
        ("parameters", parameters, PARAMETERS),
        ("quotas", quotas, QUOTAS),
    ):
        values = _object(given, section)
        _check_names(values, known, where=section)
        changed |= {name: _number(name, value) for name, value in values.items()}
    return beside.changed(**changed)


def viewers_of(value: object) -> float:
    return _number("viewers of the audience", value)


def assigned(options: Iterable[str]) -> dict[str, str]:
    """Of `NAME=VALUE`."""
    pairs = [option.partition("=") for option in options]
    for name, sign, _ in pairs:
        if not sign:
            raise BadInput(f"{name!r} must be NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _object(given: object, section: str) -> Mapping[str, object]:
    if not isinstance(given, dict):
        raise BadInput(f"{section} must be an object.")
    return given


def _check_names(given: Iterable[str], known: Iterable[str], *, where: str) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            raise BadInput(f"{where} has no {name!r}. It has {_listed(known)}.")


def _number(name: str, value: object) -> float:
    number = _as_number(name, value)
    if number < 0 or (number == 0 and name in ABOVE_ZERO):
        bound = "above 0" if name in ABOVE_ZERO else "0 or more"
        raise BadInput(f"{name} is {number:g} and must be {bound}.")
    if name in SHARES and number > 1:
        raise BadInput(f"{name} is {number:g} and must be between 0 and 1.")
    if name in WHOLE:
        if number < 1 or number != int(number):
            raise BadInput(f"{name} is {number:g} and must be a whole number from 1 on.")
        return int(number)
    return number


def _as_number(name: str, value: object) -> float:
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BadInput(f"{name} is {value!r} and must be a number.") from None
    if not isfinite(number):
        raise BadInput(f"{name} is {value!r} and must be a finite number.")
    return number


def _curve(given: object) -> tuple[tuple[float, float], ...]:
    points = given if isinstance(given, list) else []
    if len(points) < 2 or not all(isinstance(each, list) and len(each) == 2 for each in points):
        raise BadInput("curve must be a list of two or more [minute, viewers].")
    curve = tuple((_number("minute", at), _number("viewers", many)) for at, many in points)
    minutes = [minute for minute, _ in curve]
    if minutes[0] != 0 or any(after <= before for before, after in pairwise(minutes)):
        raise BadInput("curve's minutes must begin with 0 and rise.")
    if max(viewers for _, viewers in curve) < 1:
        raise BadInput("curve must have at least one viewer at some time.")
    return curve


def _cuts(given: object) -> tuple[Cut, ...]:
    if not isinstance(given, list):
        raise BadInput("cuts must be a list of objects.")
    cuts = []
    for each in given:
        values = _object(each, "each of the cuts")
        _check_names(values, ("minute", "share"), where="cut")
        if len(values) < 2:
            raise BadInput("each of the cuts needs a minute and a share.")
        cuts.append(Cut(**{name: _number(name, value) for name, value in values.items()}))
    return tuple(cuts)


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}"
