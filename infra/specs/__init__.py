"""The protocol as documents, from the service's types: AsyncAPI, OpenAPI and docs/reference.md.

`python -m infra.specs` writes them.
"""

from infra import layer  # noqa: F401
