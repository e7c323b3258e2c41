"""The catalogue of texts holds what the code names, with the values that it fills in."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

import chat_tui
from chat_tui.core.messages import Status
from chat_tui.core.texts import _catalogue, has_text, text
from chat_tui.core.undo import Kind
from chat_tui.ui.actions import ACTIONS

PACKAGE = Path(chat_tui.__file__).parent
CATALOGUE = _catalogue()

# `app.` also begins the names of Textual's actions.
_TABLES = {key.partition(".")[0] for key in CATALOGUE} - {"app"}
_READS_LIKE_KEY = re.compile(rf"(?:{'|'.join(sorted(_TABLES))})(?:\.[a-z0-9-]+)+")


class Use(NamedTuple):
    """A place where the code names a text."""

    place: str
    pattern: str
    """The key as a regular expression; `.+` stands for what is filled into an f-string."""
    values: frozenset[str] | None
    """The names of the values; None where they are not written out (`**values`)."""


def uses() -> Iterator[Use]:
    """Every `text(…)` and `has_text(…)` with a key in modules that import them.

    Also every `self._tell(…)` of a group of commands.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = _imported(tree)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call):
                role = _role(call.func, names)
                if role is not None and call.args:
                    place = f"{path.relative_to(PACKAGE)}:{call.lineno}"
                    for key in _keys(call.args[0]):
                        yield Use(place, key, _values(call) if role != "has_text" else None)


def constants() -> Iterator[tuple[str, str]]:
    """The strings that read like keys, with their places, in modules that import `text`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not _imported(tree):
            continue
        for found in ast.walk(tree):
            if isinstance(found, ast.Constant) and _READS_LIKE_KEY.fullmatch(str(found.value)):
                yield f"{path.relative_to(PACKAGE)}:{found.lineno}", str(found.value)


def _imported(tree: ast.AST) -> dict[str, str]:
    return {
        alias.asname or alias.name: alias.name
        for found in ast.walk(tree)
        if isinstance(found, ast.ImportFrom) and found.module == "chat_tui.core.texts"
        for alias in found.names
    }


def _role(function: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(function, ast.Name):
        return names.get(function.id)
    return "text" if isinstance(function, ast.Attribute) and function.attr == "_tell" else None


def _keys(key: ast.expr) -> list[str]:
    """The patterns of a key: a text, an f-string, or a choice between two."""
    match key:
        case ast.Constant(value=str(value)):
            return [re.escape(value)]
        case ast.JoinedStr(values=pieces):
            return ["".join(_piece(piece) for piece in pieces)]
        case ast.IfExp(body=body, orelse=other):
            return [*_keys(body), *_keys(other)]
        case _:
            return []


def _piece(piece: ast.expr) -> str:
    return re.escape(str(piece.value)) if isinstance(piece, ast.Constant) else ".+"


def _values(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords if keyword.arg != "timeout"]
    return None if None in names else frozenset(name for name in names if name is not None)


def fields_of(key: str) -> frozenset[str]:
    parsed = string.Formatter().parse(CATALOGUE[key])
    return frozenset(name for _, name, _, _ in parsed if name is not None)


USES = list(uses())


def test_the_code_names_texts() -> None:
    assert len(USES) > 20, "the walk over the code found next to nothing: it is broken"


@pytest.mark.parametrize("use", USES, ids=lambda use: use.place)
def test_text_named_in_the_code_exists_with_the_values_it_is_given(use: Use) -> None:
    keys = [*filter(re.compile(use.pattern).fullmatch, CATALOGUE)]

    assert keys, f"{use.place}: there is no text {use.pattern}"
    if use.values is not None:
        assert all(fields_of(key) == use.values for key in keys), f"{use.place}: {keys}"


def test_key_that_is_handed_about_exists() -> None:
    unknown = [place for place, key in constants() if not has_text(key)]

    assert unknown == []


def test_text_in_the_catalogue_is_named_in_the_code() -> None:
    handed_about = {key for _, key in constants()}
    # One pattern of all: 4 million matches took 9 s.
    named = re.compile("|".join(f"(?:{pattern})" for pattern in {use.pattern for use in USES}))
    unused = [key for key in CATALOGUE if key not in handed_about and not named.fullmatch(key)]

    assert unused == []


def test_actions_and_their_texts_are_the_same() -> None:
    named = {key for key in CATALOGUE if key.startswith("action.")}

    assert named == {f"action.{each.id}.{kind}" for each in ACTIONS for kind in ("label", "help")}


def test_every_end_of_a_reply_that_is_not_plain_has_a_text() -> None:
    for status in set(get_args(Status)) - {"streaming", "complete"}:
        assert has_text(f"transcript.status.{status}")


@pytest.mark.parametrize("key", CATALOGUE)
def test_text_reads_as_the_style_has_it(key: str) -> None:
    words = CATALOGUE[key]

    assert words.strip()
    assert words == words.rstrip()
    assert "!" not in words
    if key.startswith("action.") and key.endswith(".help"):
        assert words.endswith(".")
        assert words[0].isupper()


def test_values_are_filled_in() -> None:
    assert text("transcript.tokens", tokens=12) == "12 tokens"


def test_unknown_text_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        text("no.such")
    assert not has_text("no.such")
    assert has_text("transcript.you")


@pytest.mark.parametrize("kind", sorted({*get_args(Kind)} - {"delete", "delete-branch", "restore"}))
def test_every_kind_of_change_has_its_words(kind: str) -> None:
    assert text(f"change.kind.{kind}")
