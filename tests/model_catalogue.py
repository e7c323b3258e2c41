"""Makes the catalogue of models that comes with the app anew, from the wheel of `genai-prices`.

    pip download --no-deps --dest /tmp genai-prices
    python -m tests.model_catalogue /tmp/genai_prices-*.whl

The package (MIT, Pydantic) is neither installed nor run: its data is a Python file of nothing but
literals, which is read as a tree. Look at the difference before it is committed: the numbers of
models that it prints should not fall.
"""

import ast
import gzip
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from chat_tui.core.models import ModelInfo
from chat_tui.providers.listing.chat_models import is_chat_model
from chat_tui.providers.models.catalogue import DATA

HOSTS: Mapping[str, tuple[str, ...]] = {
    "openai": ("api.openai.com",),
    "anthropic": ("api.anthropic.com",),
    "google": ("*.googleapis.com",),
    "x-ai": ("api.x.ai",),
    "mistral": ("api.mistral.ai",),
    "deepseek": ("api.deepseek.com",),
    "moonshotai": ("api.moonshot.ai", "api.moonshot.cn"),
    "zai": ("api.z.ai",),
    "zhipuai": ("open.bigmodel.cn",),
    "minimax": ("api.minimax.io", "api.minimaxi.com", "api.minimax.chat"),
    "cohere": ("api.cohere.ai", "api.cohere.com"),
    "perplexity": ("api.perplexity.ai",),
    "meta": ("api.meta.ai",),
    "azure": ("*.openai.azure.com", "*.services.ai.azure.com", "*.cognitiveservices.azure.com"),
    "groq": ("api.groq.com",),
    "cerebras": ("api.cerebras.ai",),
    "together": ("api.together.xyz", "api.together.ai"),
    "fireworks": ("api.fireworks.ai",),
    "novita": ("api.novita.ai",),
    "baseten": ("inference.baseten.co",),
    "ovhcloud": ("*.ai.cloud.ovh.net",),
}
"""Whom the catalogue holds, and at which hosts they answer. Gateways that list windows and prices
of thousands themselves (OpenRouter, Hugging Face) need no catalogue."""

MAKERS = frozenset(
    {
        "openai",
        "anthropic",
        "google",
        "x-ai",
        "mistral",
        "deepseek",
        "moonshotai",
        "zai",
        "zhipuai",
        "minimax",
        "cohere",
        "perplexity",
        "meta",
    }
)
"""Those who make models; the others run them."""

Node = dict[str, Any]
"""A call of the data file: its arguments by name, and the name of what is called as `_`."""


def read_data(source: str) -> list[Node]:
    """The providers in the text of `genai_prices/data.py`."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "providers":
            return list(_value(statement.value))
    raise ValueError("There are no providers in this file.")


def _value(node: ast.expr | None) -> Any:
    match node:
        case ast.Call(func=called, args=args, keywords=keywords):
            value = {"_": ast.unparse(called), "args": [_value(each) for each in args]}
            return value | {each.arg: _value(each.value) for each in keywords}
        case ast.List(elts=entries) | ast.Tuple(elts=entries):
            return [_value(each) for each in entries]
        case ast.Dict(keys=names, values=values):
            return {_value(name): _value(each) for name, each in zip(names, values, strict=True)}
        case ast.Constant(value=constant):
            return constant
        case ast.Attribute():
            return ast.unparse(node)
        case _:
            raise ValueError(f"This is no literal: {ast.unparse(node) if node else node}")


def catalogue_of(providers: list[Node], today: date, source: str) -> dict[str, Any]:
    """What the app's file holds."""
    by_id = {provider["id"]: provider for provider in providers}
    elsewhere = _windows(by_id["openrouter"])
    return {
        "date": today.isoformat(),
        "source": source,
        "providers": [
            {
                "name": name,
                "hosts": hosts,
                "maker": name in MAKERS,
                "also": [
                    each
                    for each in by_id[name].get("fallback_model_providers") or ()
                    if each in HOSTS
                ],
                "models": list(_models(by_id[name], today, elsewhere if name in MAKERS else {})),
            }
            for name, hosts in HOSTS.items()
        ],
    }


def _windows(gateway: Node) -> dict[str, int]:
    """The windows that a gateway lists, by the models' names without their makers'."""
    return {
        model["id"].lower().rpartition("/")[2]: model["context_window"]
        for model in gateway["models"]
        if model.get("context_window")
    }


def _models(provider: Node, today: date, elsewhere: Mapping[str, int]) -> Iterator[list[Any]]:
    """`[names, beginnings, window, input, output, cached]` of each model to talk to.

    Args:
        provider: whose models.
        today: prices hold on this day.
        elsewhere: windows of models that have none here.
    """
    for model in provider["models"]:
        names, beginnings = _names(model["match"])
        names.add(model["id"].lower())
        prices = _prices(model["prices"], today)
        window = model.get("context_window")
        if window is None:
            window = next((elsewhere[name] for name in sorted(names) if name in elsewhere), None)
        known = window is not None or prices[0] is not None
        if known and is_chat_model(ModelInfo(model["id"])):
            yield [sorted(names), sorted(beginnings), window, *prices]


def _names(clause: Node) -> tuple[set[str], set[str]]:
    """Whole names, and beginnings of names.

    What a name holds anywhere is taken as its beginning: what stands before it is a vendor's name,
    which is cut off. Patterns are all about dates at the end, which are cut off too.
    """
    names: set[str] = set()
    beginnings: set[str] = set()
    match clause:
        case {"_": "ClauseEquals", "equals": str(name)}:
            names.add(name.lower())
        case {"_": "ClauseEndsWith", "ends_with": str(name)}:
            names.add(name.lower())
        case {"_": "ClauseStartsWith", "starts_with": str(name)}:
            beginnings.add(name.lower())
        case {"_": "ClauseContains", "contains": str(name)}:
            beginnings.add(name.lower())
        case {"_": "ClauseOr", "or_": list(inner)} | {"_": "ClauseAnd", "and_": list(inner)}:
            for each in inner:
                more, others = _names(each)
                names |= more
                beginnings |= others
    return names, beginnings


def _prices(prices: Node | list[Node], today: date) -> tuple[float | None, ...]:
    """Dollars for a million tokens in, out, and from the cache: the plain ones, as they are today.

    Prices by the time of day are left out, and of prices by the length of the prompt the first
    ones are taken.
    """
    plain: Node = {}
    for each in prices if isinstance(prices, list) else [{"prices": prices}]:
        constraint = each.get("constraint") or {"_": ""}
        begins = constraint.get("start_date", {"args": [1, 1, 1]})["args"]
        if constraint["_"] in ("", "StartDateConstraint") and date(*begins) <= today:
            plain = each["prices"]
    return tuple(_number(plain.get(f"{kind}_mtok")) for kind in ("input", "output", "cache_read"))


def _number(price: Node | None) -> float | None:
    match price:
        case {"_": "Decimal", "args": [str(digits)]}:
            return float(digits)
        case {"_": "TieredPrices", "base": dict(base)}:
            return _number(base)
        case _:
            return None


def packed(catalogue: Mapping[str, Any]) -> bytes:
    """The bytes of the file; the same ones for the same catalogue."""
    content = json.dumps(catalogue, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return gzip.compress(content.encode("ascii"), 9, mtime=0)


def main() -> int:
    """Write the file; gives the exit code."""
    wheel = Path(sys.argv[1])
    with zipfile.ZipFile(wheel) as archive:
        source = archive.read("genai_prices/data.py").decode()
    version = wheel.name.split("-")[1]
    today = datetime.now(UTC).date()
    catalogue = catalogue_of(read_data(source), today, f"genai-prices {version}, MIT")
    DATA.write_bytes(packed(catalogue))
    for provider in catalogue["providers"]:
        print(provider["name"], len(provider["models"]))
    print(DATA, DATA.stat().st_size, "bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
