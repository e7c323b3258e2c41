"""Reads the data file of `genai-prices` without running it: names, windows, prices."""

import ast
from datetime import date
from typing import Any, NamedTuple

from tests.model_catalogue.saying import Prices

Node = dict[str, Any]
"""A call of the data file: its arguments by name, and the name of what is called as `_`."""


class Priced(NamedTuple):
    """A model with all its names."""

    id: str
    names: frozenset[str]
    """In small letters, the id among them."""
    beginnings: frozenset[str]
    window: int | None
    prices: Prices
    gone: bool


def read_data(source: str) -> dict[str, Node]:
    """The providers in the text of `genai_prices/data.py`, by their ids."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "providers":
            return {provider["id"]: provider for provider in _value(statement.value)}
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


def windows_of(gateway: Node) -> dict[str, int]:
    """The windows that a gateway lists, by the models' names without their makers'."""
    return {
        model["id"].lower().rpartition("/")[2]: model["context_window"]
        for model in gateway["models"]
        if model.get("context_window")
    }


def models_of(provider: Node, today: date) -> list[Priced]:
    """The models of a provider; prices as they are on a day."""
    found = []
    for model in provider["models"]:
        names, beginnings = _names(model["match"])
        names.add(model["id"].lower())
        found.append(
            Priced(
                model["id"],
                frozenset(names),
                frozenset(beginnings),
                model.get("context_window"),
                _prices(model["prices"], today),
                model.get("deprecated") is True,
            )
        )
    return found


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


def _prices(prices: Node | list[Node], today: date) -> Prices:
    """The plain prices, as they are on a day.

    Prices by the time of day are left out, and of prices by the length of the prompt the first
    ones are taken.
    """
    plain: Node = {}
    for each in prices if isinstance(prices, list) else [{"prices": prices}]:
        constraint = each.get("constraint") or {"_": ""}
        begins = constraint.get("start_date", {"args": [1, 1, 1]})["args"]
        if constraint["_"] in ("", "StartDateConstraint") and date(*begins) <= today:
            plain = each["prices"]
    amount = [_number(plain.get(f"{kind}_mtok")) for kind in ("input", "output", "cache_read")]
    return amount[0], amount[1], amount[2]


def _number(price: Node | None) -> float | None:
    match price:
        case {"_": "Decimal", "args": [str(digits)]}:
            return float(digits)
        case {"_": "TieredPrices", "base": dict(base)}:
            return _number(base)
        case _:
            return None
