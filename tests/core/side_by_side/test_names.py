"""Names that tell targets apart."""

import pytest

from chat_tui.core.side_by_side.names import names_of
from chat_tui.core.targets import Target

A, B = Target("p", "a"), Target("p", "b")


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([], []),
        ([A, B], ["a", "b"]),
        ([A, Target("q", "a"), B], ["p/a", "q/a", "b"]),
        (
            [
                Target("p", "a", {"temperature": 0, "seed": 1}),
                Target("p", "a", {"temperature": 1.5, "seed": 1}),
            ],
            ["a · temperature 0", "a · temperature 1.5"],
        ),
        ([A, Target("p", "a", {"stop": ["x"]})], ["a", 'a · stop ["x"]']),
        ([A, Target("p", "a", system_prompt="Be brief.")], ["a", "a · own system prompt"]),
        ([A, A, B], ["a · 1", "a · 2", "b"]),
        ([Target("p", "a\n\x1b[31m")], ["a ␛[31m"]),
    ],
)
def test_names_tell_apart_with_as_little_as_that_takes(
    targets: list[Target], expected: list[str]
) -> None:
    assert names_of(targets) == expected


def test_long_values_are_cut() -> None:
    schema = {"response_format": {"type": "json_schema", "json_schema": {"name": "x" * 100}}}

    _, name = names_of([A, Target("p", "a", schema)])

    assert len(name) < 60
    assert name.endswith("…")
