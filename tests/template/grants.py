"""What the template grants: by action, and by the resource's name in the template."""

from collections.abc import Iterator
from typing import Any

type Grant = tuple[str, str]
"""An action, and the resource by its name in the template."""


def statements(properties: Any) -> Iterator[dict[str, Any]]:
    """Of a role's own policies, or of a managed policy; where a condition chooses, the chosen."""
    is_managed = "PolicyDocument" in properties
    for policy in [properties] if is_managed else properties.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            yield _chosen(statement)


def attached(role: Any) -> list[str]:
    """The managed policies of a role, by their names in the template."""
    return [_chosen(policy)["Ref"] for policy in role["ManagedPolicyArns"]]


def granted(role: Any, resources: Any) -> Iterator[Grant]:
    """What a role's own policies and its managed ones allow."""
    managed = [resources[name]["Properties"] for name in attached(role)]
    for properties in (role, *managed):
        for statement in statements(properties):
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                for resource in _named(statement["Resource"]):
                    yield action, resource


def _chosen(value: Any) -> Any:
    return value["Fn::If"][1] if "Fn::If" in value else value


def _named(resource: Any) -> Iterator[str]:
    """Resources by their name in the template, an index's behind its table's."""
    match resource:
        case "*":
            yield resource
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
