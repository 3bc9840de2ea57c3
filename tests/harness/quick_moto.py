"""moto without the work that takes most of its time and changes no answer.

moto asks ten questions about each attribute of a reply that is in DynamoDB's form already, copies
whole tables, with all that their streams ever held, for each action of a transaction, lists the
methods of its own classes for each request, and walks each update expression ten times, asking
every node twice what it is.
"""

import copy
from collections import defaultdict
from functools import cache
from typing import Any

import pytest
from botocore.useragent import UserAgentString
from moto.core import responses
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing import ast_nodes

_NODES: Any = ast_nodes  # which mypy must ignore
_RESPONSES: Any = responses

type Actions = list[dict[str, dict[str, Any]]]


def make_quick(patch: pytest.MonkeyPatch) -> None:
    _serialize_attributes_as_they_are(patch)
    _copy_what_a_transaction_writes(patch)
    names = cache(_RESPONSES.method_names_from_class)
    patch.setattr(responses, "method_names_from_class", names)
    patch.setattr(UserAgentString, "to_string", lambda _: "botocore")
    patch.setattr(_NODES.DepthFirstTraverser, "traverse", _traverse)
    patch.setattr(_NODES.Node, "find_clauses", _clauses)


def _serialize_attributes_as_they_are(patch: pytest.MonkeyPatch) -> None:
    thorough = ResponseSerializer._serialize_type_structure

    def serialize(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and isinstance(value, dict):
            self._default_serialize(serialized, value, shape, key)
        else:
            thorough(self, serialized, value, shape, key)

    patch.setattr(ResponseSerializer, "_serialize_type_structure", serialize)


def _copy_what_a_transaction_writes(patch: pytest.MonkeyPatch) -> None:
    transact = DynamoDBBackend.transact_write_items

    def write(self: DynamoDBBackend, transact_items: Actions) -> None:
        operations = [operation for action in transact_items for operation in action.values()]

        def copied(table: Table, _memo: Any) -> Table:
            return _copy_of(table, [each for each in operations if each["TableName"] == table.name])

        with pytest.MonkeyPatch.context() as meanwhile:
            meanwhile.setattr(Table, "__deepcopy__", copied, raising=False)
            transact(self, transact_items)

    patch.setattr(DynamoDBBackend, "transact_write_items", write)


def _copy_of(table: Table, operations: list[dict[str, Any]]) -> Table:
    """What moto goes back to if the transaction fails: only written items may change in place."""
    kept = copy.copy(table)
    kept.items = defaultdict(dict, {key: dict(items) for key, items in table.items.items()})
    for operation in operations:
        key = operation.get("Key") or operation["Item"]
        items, range_key = kept.items.get(DynamoType(key["pk"]), {}), DynamoType(key["sk"])
        if range_key in items:
            items[range_key] = copy.deepcopy(items[range_key])
    if table.stream_shard is not None:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.items = list(table.stream_shard.items)
    return kept


def _traverse(self: Any, root: Any) -> Any:
    """Leaves before their parents, as moto does it; what a class is gets asked once."""
    wanted = tuple(self._processing_map())

    @cache
    def is_wanted(kind: Any) -> bool:
        return issubclass(kind, wanted)

    def visit(node: Any, place: int) -> Any:
        kind: Any = type(node)
        if not _is_node(kind):
            return node
        for index, child in enumerate(node.children or ()):
            self.pre_processing_of_child(node, index)
            visit(child, index)
        return _processed(self, node, place) if is_wanted(kind) else node

    return visit(root, -1)


def _processed(walk: Any, node: Any, place: int) -> Any:
    parent, made = node.parent, walk.process(node)
    made.parent = parent
    if parent:
        parent.children[place] = made
    return made


def _clauses(self: Any, kinds: Any) -> list[Any]:
    found: list[Any] = []
    for child in self.children or ():
        kind: Any = type(child)
        if kind in kinds:
            found.append(child)
        elif _has_clauses(kind):
            found += _clauses(child, kinds)
    return found


@cache
def _is_node(kind: Any) -> bool:
    return issubclass(kind, _NODES.Node)


@cache
def _has_clauses(kind: Any) -> bool:
    return issubclass(kind, (_NODES.Expression, _NODES.UpdateExpressionFunction))
