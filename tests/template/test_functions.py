"""The functions: template and code agree, and each may do what it needs and no more."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from infra.local.paths import ROOT
from scorecast.runtime.settings import READS
from tests.template.conftest import Resource, Resources
from tests.template.grants import attached, statements

OfType = Callable[[str], Resources]

READ_BY_POWERTOOLS: Final = frozenset(
    {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE"}
)
ON_ANYTHING: Final = frozenset({"xray:PutTraceSegments", "xray:PutTelemetryRecords"})
"""Actions for which AWS knows no resource to name."""


def test_the_template_deploys_every_function_there_is(functions: Resources) -> None:
    assert set(functions) == {file.stem for file in (ROOT / "functions").glob("*.py")}


@pytest.mark.parametrize("function", sorted(READS))
def test_a_function_has_a_handler(function: str, functions: Resources) -> None:
    assert functions[function]["Handler"] == f"{function}.handler"
    tree = ast.parse((ROOT / "functions" / f"{function}.py").read_text())
    assert "handler" in set(_top_level_names(tree))


@pytest.mark.parametrize("function", sorted(READS))
def test_a_function_gets_what_it_reads_and_what_all_share(
    function: str, functions: Resources, template: dict[str, Any]
) -> None:
    shared = set(template["Globals"]["Function"]["Environment"]["Variables"])
    given = set(functions[function]["Environment"]["Variables"])
    assert given == shared | READS[function]


def test_what_all_functions_share_is_what_two_or_more_read(template: dict[str, Any]) -> None:
    shared = set(template["Globals"]["Function"]["Environment"]["Variables"])
    readers = Counter(variable for variables in READS.values() for variable in variables)
    assert shared - READ_BY_POWERTOOLS == {name for name, count in readers.items() if count > 1}


def test_every_function_runs_on_the_asked_architecture(functions: Resources) -> None:
    for properties in functions.values():
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == [{"Ref": "Architecture"}]


def test_all_functions_log_into_one_group_that_forgets(
    functions: Resources, resources: Resources
) -> None:
    [name] = {properties["LoggingConfig"]["LogGroup"]["Ref"] for properties in functions.values()}
    group = resources[name]
    assert group["Type"] == "AWS::Logs::LogGroup"
    assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_each_function_has_a_role_of_its_own(functions: Resources) -> None:
    roles = [properties["Role"]["Fn::GetAtt"][0] for properties in functions.values()]
    assert len(set(roles)) == len(functions)


def test_no_function_takes_over_a_policy_of_aws(functions: Resources, resources: Resources) -> None:
    for properties in functions.values():
        role = resources[properties["Role"]["Fn::GetAtt"][0]]
        for policy in attached(role["Properties"]):
            assert resources[policy]["Type"] == "AWS::IAM::ManagedPolicy"


def test_no_function_may_do_anything_to_everything(of_type: OfType) -> None:
    allowed = list(_statements(of_type))
    assert allowed
    for statement in allowed:
        actions = statement["Action"]
        assert not [action for action in actions if "*" in action], statement
        if set(actions) - ON_ANYTHING:
            assert not [name for name in _named(statement["Resource"]) if name == "*"], statement


def test_connections_are_reached_on_this_socket_only(of_type: OfType) -> None:
    for statement in _statements(of_type):
        if "execute-api:ManageConnections" in statement["Action"]:
            for name in _named(statement["Resource"]):
                assert ":${Socket}/live/" in name
                assert name.endswith("/@connections/*")


def _top_level_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)


def _statements(of_type: OfType) -> Iterator[Resource]:
    for kind in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
        for policies in of_type(kind).values():
            yield from statements(policies["Properties"])


def _named(resource: Any) -> Iterator[str]:
    """The texts in which a statement's resources are named."""
    if isinstance(resource, str):
        yield resource
    elif isinstance(resource, list):
        for each in resource:
            yield from _named(each)
    elif "Ref" in resource:
        yield resource["Ref"]
    elif "Fn::Sub" in resource:
        yield from _named(resource["Fn::Sub"])
    elif "Fn::If" in resource:
        yield from _named(resource["Fn::If"][1:])
