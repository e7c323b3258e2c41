"""TOML texts: each statement is found where it stands, and changed without touching others."""

import tomllib
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chat_tui.storage.settings.toml_edit import key_text, renamed, rendered, with_value, without
from chat_tui.storage.settings.toml_text import KeyPath, lines_of_keys, scan
from tests.examples import examples

EVERYTHING = '''\
# top
theme = "x"   # mine
a.b."c.d" = [ { x = 1, y = { z = 2 } },
 {w=3}, """q"
]""" ]
[providers . "a.b"]  # company
base_url = "https://a/v1"
h = { "X-A" = "b", "\\u0041" = 'c', e = {}, f=1 }

[[arr]]
k = 1979-05-27T07:32:00Z
m = """a
[x]
y = 2 \\"""
"""
n = \'\'\'
# no comment = 1\'\'\'
[[arr]]
k = [1, [2, "]"], # x = 1
]
o = 1'''


def test_every_key_has_its_line() -> None:
    lines = lines_of_keys(EVERYTHING)

    assert {".".join(path): line for path, line in lines.items()} == {
        "theme": 2,
        "a": 3,
        "a.b": 3,
        "a.b.c.d": 3,
        "a.b.c.d.x": 3,
        "a.b.c.d.y": 3,
        "a.b.c.d.y.z": 3,
        "a.b.c.d.w": 4,
        "providers": 6,
        "providers.a.b": 6,
        "providers.a.b.base_url": 7,
        "providers.a.b.h": 8,
        "providers.a.b.h.X-A": 8,
        "providers.a.b.h.A": 8,
        "providers.a.b.h.e": 8,
        "providers.a.b.h.f": 8,
        "arr": 10,
        "arr.k": 11,
        "arr.m": 12,
        "arr.n": 16,
        "arr.o": 21,
    }


def test_values_are_found_whole() -> None:
    for statement in scan(EVERYTHING):
        if not statement.header:
            written = EVERYTHING[slice(*statement.value)]
            assert tomllib.loads(f"v = {written}")["v"] is not None


def test_line_ends_of_windows_change_nothing() -> None:
    assert lines_of_keys(EVERYTHING.replace("\n", "\r\n")) == lines_of_keys(EVERYTHING)


VALUES = st.recursive(
    st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None)
@given(st.text(), VALUES)
def test_what_is_rendered_reads_back(key: str, value: Any) -> None:
    assume("\ud800" not in rendered(value))

    assert tomllib.loads(f"{key_text(key)} = {rendered(value)}\n") == {key: value}


def test_toml_has_no_null() -> None:
    with pytest.raises(TypeError):
        rendered({"a": None})


PIECES = st.sampled_from(
    [
        "",
        "# remark",
        "x = 1",
        "  y = 'two'  # remark",
        "p.q = 1",
        "p.r.s = 2",
        "t = { u = 1, v = { w = 2 } }",
        "m = [ 1,\n  2, # remark\n]",
        'l = """\n[p]\nx = 1\n"""',
        "[p]",
        "[p.q]",
        "[p.r] # remark",
        "[t]",
        '["p"."q q"]',
        "[z]",
    ]
)
PATHS: list[KeyPath] = [
    ("x",),
    ("new",),
    ("p", "q"),
    ("p", "x"),
    ("p", "r", "s"),
    ("p", "q q", "x"),
    ("t", "u"),
    ("t", "v", "w"),
    ("n", "o"),
    ("p",),
]


def table_at(table: Any, path: KeyPath) -> dict[str, Any] | None:
    """The table that holds the last part of a path, made where it is missing."""
    for part in path[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            return None
    return table if isinstance(table, dict) else None


def remarks(text: str) -> int:
    return text.count("# remark")


@settings(derandomize=True, deadline=None, max_examples=examples(600))
@given(st.lists(PIECES, max_size=9), st.sampled_from(PATHS), st.sampled_from(["\n", "\r\n"]))
def test_a_value_is_set_and_all_else_stays(pieces: list[str], path: KeyPath, end: str) -> None:
    text = "\n".join(pieces).replace("\n", end)
    wanted = parsed(text)
    table = table_at(wanted, path)
    assume(table is not None and not isinstance(table.get(path[-1]), dict | list))
    assert table is not None
    table[path[-1]] = "set"

    new = with_value(text, path, "set")

    assert tomllib.loads(new) == wanted
    assert remarks(new) == remarks(text)
    # The line of the old value is the only one that may be gone.
    assert (Counter(kept(text)) - Counter(kept(new))).total() <= 1


@settings(derandomize=True, deadline=None, max_examples=examples(600))
@given(st.lists(PIECES, max_size=9), st.sampled_from(PATHS))
def test_a_key_is_taken_out_and_all_else_stays(pieces: list[str], path: KeyPath) -> None:
    text = "\n".join(pieces)
    wanted = parsed(text)
    table = table_at(wanted, path)
    assume(table is not None)
    assert table is not None
    table.pop(path[-1], None)

    new = without(text, path)

    assert pruned(tomllib.loads(new)) == pruned(wanted)
    assert subsequence(kept(new), kept(text)) or "t = {" in text


@settings(derandomize=True, deadline=None, max_examples=examples(300))
@given(st.lists(PIECES, max_size=9), st.sampled_from(["other", "with space"]))
def test_a_table_gets_another_name_wherever_it_is_written(pieces: list[str], name: str) -> None:
    text = "\n".join(pieces)
    wanted = parsed(text)
    for path in (("p", "q"), ("t", "v"), ("z",)):
        table = table_at(wanted, path)
        assume(table is not None)
        assert table is not None
        text = renamed(text, path, name)
        if path[-1] in table:
            table[name] = table.pop(path[-1])

    assert pruned(tomllib.loads(text)) == pruned(wanted)


def parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
        raise


def kept(text: str) -> list[str]:
    """The lines that say something."""
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def subsequence(small: list[str], large: list[str]) -> bool:
    rest = iter(large)
    return all(line in rest for line in small)


def pruned(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: pruned(each) for name, each in value.items()}
    return {name: each for name, each in inner.items() if each != {}}
