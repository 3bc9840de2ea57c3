"""What the template grants: by action, and by the resource's name in the template."""

from collections.abc import Iterator
from typing import Any

type Grant = tuple[str, str]
"""An action, and the resource by its name in the template."""


def statements(role: Any) -> Iterator[dict[str, Any]]:
    """Of a role's own policies; of a statement that a condition chooses, the chosen one."""
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def granted(role: Any) -> Iterator[Grant]:
    """What a role's own policies allow."""
    for statement in statements(role):
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            for resource in _named(statement["Resource"]):
                yield action, resource


def _named(resource: Any) -> Iterator[str]:
    """Resources by their name in the template, an index's behind its table's."""
    match resource:
        case list():
            for each in resource:
                yield from _named(each)
        case {"Fn::GetAtt": [name, "StreamArn"]}:
            yield f"{name}/stream"
        case {"Fn::GetAtt": [name, *_]} | {"Ref": str(name)}:
            yield name
        case {"Fn::If": [_, chosen, _]}:
            yield from _named(chosen)
        case {"Fn::Sub": str(text)} if "/@connections/" in text:
            yield text.removesuffix("/@connections/*").rpartition("/")[2]
        case {"Fn::Sub": str(text)} if ":event-bus/" in text:
            yield text.rpartition("/")[2].strip("${}")
        case {"Fn::Sub": str(text)}:
            yield text.replace("${", "").replace(".Arn}", "").removesuffix("/*")
        case _:
            raise AssertionError(f"a resource of a form that is not known: {resource}")
