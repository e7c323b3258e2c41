"""An example value for a JSON schema: what the demo fills tools and structured answers with."""

from typing import Any

from chat_tui.providers.fields import as_dict, as_list

_MAX_DEPTH = 8


def example_of(schema: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """A small value that fits the schema, as far as its common keywords say."""
    for keyword in ("const", "default"):
        if keyword in schema:
            return schema[keyword]
    if options := as_list(schema.get("enum")):
        return options[0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(iter(kind), None)
    if kind == "array":
        return _array(schema, name, depth)
    if kind == "object" or "properties" in schema or not name:
        return _object(schema, depth)
    scalars = {"integer": 42, "number": 3.5, "boolean": True, "null": None}
    return scalars.get(str(kind), _word(name))


def _array(schema: dict[str, Any], name: str, depth: int) -> list[Any]:
    if depth >= _MAX_DEPTH:
        return []
    return [example_of(as_dict(schema.get("items")), name or "item", depth + 1)]


def _object(schema: dict[str, Any], depth: int) -> dict[str, Any]:
    if depth >= _MAX_DEPTH:
        return {}
    properties = as_dict(schema.get("properties"))
    return {key: example_of(as_dict(value), key, depth + 1) for key, value in properties.items()}


def _word(name: str) -> str:
    """A word for a string field of this name."""
    words = {"city": "Paris", "location": "Paris", "name": "Ada", "path": "README.md"}
    return words.get(name.lower(), f"example {name}")
