"""The tree of errors is as its docstring draws it."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from chat_tui.core import errors
from chat_tui.core.errors import ChatError, ErrorInfo, ErrorKind, StatusError, exit_code_for

_LINE = re.compile(
    r"^ {4}(?P<tree>[│├└─ ]*)(?P<name>\w+Error)(?:\s+(?P<kind>[a-z_]+)\s+(?P<code>\d))?"
)


def drawn() -> Iterator[tuple[int, str, str | None, int | None]]:
    """The rows of the docstring: depth, class, kind and exit code (None for branches)."""
    for line in (errors.__doc__ or "").splitlines():
        if match := _LINE.match(line):
            code = match["code"]
            depth = len(match["tree"]) // 4
            yield depth, match["name"], match["kind"], int(code) if code else None


def real(
    root: type[ChatError], depth: int = 0
) -> Iterator[tuple[int, str, str | None, int | None]]:
    """The same rows from the classes."""
    told = not root.__subclasses__() or (depth > 0 and "kind" in vars(root))
    yield depth, root.__name__, root.kind if told else None, root.exit_code if told else None
    for branch in root.__subclasses__():
        yield from real(branch, depth + 1)


def leaves(root: type[ChatError] = ChatError) -> list[type[ChatError]]:
    branches = root.__subclasses__()
    return [leaf for branch in branches for leaf in leaves(branch)] if branches else [root]


def test_docstring_draws_the_real_tree_with_kinds_and_exit_codes() -> None:
    rows = list(drawn())
    # The first row is followed by the heads of the columns, not by a kind of its own.
    assert rows[0] == (0, "ChatError", None, None)
    assert sorted(rows) == sorted(real(ChatError))


def test_every_kind_belongs_to_one_error() -> None:
    kinds = [leaf.kind for leaf in leaves()]

    assert sorted(kinds) == sorted(get_args(ErrorKind))


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_stored_error_gives_the_exit_code_of_its_class(leaf: type[ChatError]) -> None:
    assert exit_code_for(leaf.kind) == leaf.exit_code


def test_error_tells_what_happened_and_the_next_step() -> None:
    failure = StatusError("The key was refused.", hint="Set another.", status=401, code="bad_key")

    assert str(failure) == "The key was refused."
    assert failure.info == ErrorInfo("server", "The key was refused.", "Set another.", 401)
    assert (failure.code, failure.param, failure.retry_after) == ("bad_key", None, None)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("It failed.", "It failed. Try again."),
        ("It failed", "It failed. Try again."),
        ("Why", "Why. Try again."),
        ("Why? ", "Why? Try again."),
        ("Loading…", "Loading… Try again."),
        ("模型不存在。", "模型不存在。 Try again."),
        ("模型不存在", "模型不存在. Try again."),
        ('It says "no."', 'It says "no." Try again.'),
        ('It says "no"', 'It says "no". Try again.'),
        ("（没有！）", "（没有！） Try again."),
        ("See (1).", "See (1). Try again."),
        ("", "Try again."),
    ],
)
def test_message_and_hint_are_told_as_sentences(message: str, told: str) -> None:
    failure = StatusError(message, hint="Try again.")

    assert failure.told == failure.info.told == told


def test_message_without_a_hint_is_told_as_it_is() -> None:
    assert ErrorInfo("server", "It failed").told == "It failed"
