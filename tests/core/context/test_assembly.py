"""The request that is made of a plan: what stands in the place of what is not sent whole."""

from dataclasses import replace

import pytest

from chat_tui.core.context.assembly import assemble
from chat_tui.core.context.budget import Budget, Window
from chat_tui.core.context.items import came_to_nothing, item_of, pictures
from chat_tui.core.context.planning import plan_context
from chat_tui.core.context.wording import HEAD, SHORTEN_FROM, TAIL, picture_words, shortened
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, TextPart, text_parts
from tests.core.context.histories import items, picture, reply, result, summary, user, weight


def request(
    path: list[ChatMessage], tokens: int | None = None, prompt: str = ""
) -> tuple[ChatMessage, ...]:
    plan = plan_context(items(path), system=len(prompt), budget=Budget(Window(tokens)))
    return assemble(plan, {message.id: message for message in path}, prompt)


def test_system_prompt_goes_first() -> None:
    first, second = request([user("a")], prompt="Be brief.")

    assert (first.role, first.text) == ("system", "Be brief.")
    assert second.id == "a"


def test_shortened_result_keeps_both_ends_and_says_how_much_is_missing() -> None:
    text = "HEAD" + "x" * 9_992 + "TAIL"
    path = [user("a"), reply("b", "", "1"), result("c", "1", text), reply("d"), user("e")]

    told = request(path, 2_000)[2]

    assert told.text.startswith("HEADxxx")
    assert told.text.endswith("xxxTAIL")
    assert "[8,400 characters left out]" in told.text
    assert told.tool_call_id == "1"
    assert request(path)[2] == path[2]


@pytest.mark.parametrize("length", [0, 1, SHORTEN_FROM, SHORTEN_FROM + 1, 10_000])
def test_shortening_loses_only_what_it_says(length: int) -> None:
    text = "".join(chr(65 + place % 26) for place in range(length))

    short = shortened(text)

    if length <= SHORTEN_FROM:
        assert short == text
    else:
        head, line, tail = short.split("\n\n")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert line == f"[{length - HEAD - TAIL:,} characters left out]"
        assert len(short) < length


def test_result_in_several_parts_is_shortened_as_one_text() -> None:
    parts = (TextPart("a" * 3_000), TextPart("b" * 3_000))
    results = replace(result("c", "1"), parts=parts)
    path = [user("a"), reply("b", "", "1"), results, reply("d"), user("e")]

    told = request(path, 1_200)[2].text

    assert told.startswith("a" * HEAD)
    assert told.endswith("b" * TAIL)


def test_result_with_a_document_is_never_shortened() -> None:
    document = FilePart("0" * 64, "a.txt", text="x" * 9_000)
    item = item_of(replace(result("c", "1"), parts=(document,)), weight(result("c", "1")))

    assert item.letters == 0


def test_old_pictures_become_their_names_where_they_stood() -> None:
    path = [user("a", "Look:", picture("cat.png"), picture("")), reply("b"), user("c")]

    parts = request(path, 1_000)[0].parts

    assert parts == (TextPart("Look:"), TextPart("[picture: cat.png]"), TextPart("[picture]"))
    assert request(path)[0] == path[0]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (ImagePart(url="https://example.org/cat.png"), "[picture: https://example.org/cat.png]"),
        (ImagePart(name="a\nb\t c"), "[picture: a b c]"),
        (ImagePart(name="x" * 99), "[picture: " + "x" * 39 + "…]"),
    ],
)
def test_words_for_a_picture_are_one_short_line(part: ImagePart, words: str) -> None:
    assert picture_words(part) == words


def test_pictures_of_answers_are_words_since_no_server_takes_them() -> None:
    drawn = replace(reply("b", ""), parts=(picture("drawn.png"),))

    told = request([user("a"), drawn, user("c")])[1]

    assert told == replace(drawn, parts=(TextPart("[picture: drawn.png]"),))


def test_summary_says_how_many_messages_it_stands_for() -> None:
    path = [user("a"), reply("b"), reply("c"), summary("s", "a", "b"), user("d")]

    one, two = (
        request([path[0], replace(path[1], pinned=pinned), *path[2:]])[0].text
        for pinned in (True, False)
    )

    assert one.startswith("Summary of the earlier conversation (1 message):\n\n")
    assert two.startswith("Summary of the earlier conversation (2 messages):\n\n")


def test_message_that_is_missing_is_an_error() -> None:
    plan = plan_context(items([user("a"), reply("b"), user("c")]))

    with pytest.raises(KeyError):
        assemble(plan, {"a": user("a"), "c": user("c")})


def test_item_says_what_planning_needs_of_a_message() -> None:
    asked = replace(reply("b", " ", "1", "2"), pinned=True)
    failed = reply("d", "", status="error")
    stopped = replace(summary("s", "a", "b"), status="error")

    item = item_of(asked, weight(asked))

    assert (item.calls, item.empty, item.failed, item.pinned) == (("1", "2"), True, False, True)
    assert (item.tokens, item.exact, item.summary) == (weight(asked).tokens, True, False)
    assert item_of(failed, weight(failed)).failed
    assert came_to_nothing(failed)
    assert not came_to_nothing(replace(failed, refusal="No."))
    assert item_of(stopped, weight(stopped)).covers is None
    assert item_of(stopped, weight(stopped)).summary
    shown = user("a", "", picture(), picture())
    assert item_of(shown, weight(shown)).pictures == pictures([shown]) == 2
    long = replace(result("c", "1"), parts=text_parts("x" * 50))
    assert item_of(long, weight(long)).letters == 50
