"""`python -m infra.openapi` writes the OpenAPI document anew."""

from infra.openapi.pages import texts

for _path, _text in texts().items():
    _path.write_text(_text, encoding="utf-8")
