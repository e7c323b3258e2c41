"""Saved prompts: which places they have, and what stands there when they are filled in."""

from chat_tui.core.prompt_library import SavedPrompt


def test_places_come_once_each_in_their_order_with_their_first_values() -> None:
    prompt = SavedPrompt("p", "{{ b }} {{a = of two words }} {{b=late}} {{1}} {{}} {{c=}} {{文}}")

    assert prompt.variables == {"b": "late", "a": "of two words", "c": "", "文": ""}


def test_places_are_filled_in_and_those_that_are_not_named_stay() -> None:
    prompt = SavedPrompt("p", "{{a}} and {{ a = x }}, {{b=y}}")

    assert prompt.filled({"a": r"\1 {{b}}"}) == r"\1 {{b}} and \1 {{b}}, {{b=y}}"


def test_endless_space_in_a_place_is_read_at_once() -> None:
    assert SavedPrompt("p", "{{ a = " + " " * 50_000).variables == {}
