"""What the transcript says of the context: where the sent part begins, pins, summaries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from chat_tui.core.context.budget import Budget
from chat_tui.core.context.plan import DRAFT, ContextPlan, Decision, PlannedMessage, Reason
from chat_tui.core.conversation import node_of
from chat_tui.core.messages import ChatMessage, Flags, NoticeInfo, Role, text_parts
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.themes import load_themes, theme_folder
from chat_tui.ui.widgets.transcript import TranscriptOptions, look_from_theme
from chat_tui.ui.widgets.transcript.column import MessageColumn
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.path import unmarked
from chat_tui.ui.widgets.transcript.sending import Sending, sending_of

KEY = "F7"


@cache
def _look() -> TranscriptLook:
    theme = next(each for each in load_themes(theme_folder())[0] if each.name == "chat-tui-dark")
    variables = theme.to_color_system().generate()
    return look_from_theme(variables, dark=True)


def _column(messages: Sequence[ChatMessage], width: int = 80) -> MessageColumn:
    column = MessageColumn(_look(), ActiveKeys({}), TranscriptOptions(), lambda: date(2026, 1, 1))
    column.relayout(width, _look())
    column.reset([node_of(message) for message in messages], messages, unmarked)
    column.settle(0, 200, following=False)
    return column


def _drawn(column: MessageColumn) -> list[str]:
    lines = []
    for index in range(len(column)):
        rendered = column.rendered(index)
        assert rendered is not None
        assert column.span(index)[1] == rendered.height
        lines += [rendered.strip(line).text.rstrip() for line in range(rendered.height)]
    return lines


def _messages(count: int) -> list[ChatMessage]:
    roles: tuple[Role, Role] = ("user", "assistant")
    return [
        ChatMessage(f"m{at}", roles[at % 2], text_parts(f"words {at}"), model="model-1")
        for at in range(count)
    ]


def _planned(id_: str, reason: Reason = "", *, tokens: int = 100) -> PlannedMessage:
    decision: Decision = "left-out" if reason not in ("", "summary") else "sent"
    return PlannedMessage(id_, "user", decision, reason, 0 if reason else tokens, tokens)


def _plan(*messages: PlannedMessage, refused: bool = False) -> ContextPlan:
    return ContextPlan(messages, Budget(), refused=refused)


def test_line_tells_how_much_is_not_sent_and_fits() -> None:
    left = [_planned(f"m{at}", "too-large", tokens=4_656) for at in range(2)]
    sending = sending_of(_plan(*left, _planned("m2")), KEY)
    assert sending.begins == "m2"
    assert sending.fitting(80) == "— not sent: 2 messages, 9,312 tokens — F7 shows the context"
    assert sending.fitting(45) == "— not sent: 2 messages, 9,312 tokens —"
    assert sending.fitting(30) == sending.fitting(5) == "— not sent: 2 messages —"
    about = sending_of(_plan(left[0], _planned("m2")), approximate=True)
    assert about.words[0] == "— not sent: 1 message, ≈4,656 tokens —"


def test_line_stands_at_the_end_where_nothing_is_sent_yet() -> None:
    left = [_planned(f"m{at}", "history") for at in range(2)]
    for more in ([], [_planned(DRAFT)]):
        sending = sending_of(_plan(*left, *more))
        assert (sending.begins, sending.ends) == ("", "m1")
    column = _column(_messages(2))
    renders = column.renders
    assert column.mark_sending(sending)
    lines = _drawn(column)
    assert lines.index("  words 1") < lines.index("  — not sent: 2 messages, 200 tokens —")
    assert column.mark_sending(Sending())
    assert not any("not sent" in line for line in _drawn(column))
    assert column.renders == renders


def test_line_tells_what_is_summed_up() -> None:
    summed = [_planned(f"m{at}", "summarised") for at in range(3)]
    stands = _planned("s", "summary")
    all_of_it = sending_of(_plan(stands, *summed, _planned("m3")), KEY)
    assert all_of_it.begins == "m3"
    assert all_of_it.words[1] == "— summed up: 3 messages, 300 tokens —"
    assert all_of_it.calm
    some = sending_of(_plan(stands, *summed, _planned("m3", "too-large"), _planned("m4")))
    assert some.words[0] == "— not sent: 4 messages, 400 tokens, 3 of them summed up —"
    assert not some.calm
    plan = _plan(stands, *summed, _planned("m3"), _planned("old", "superseded"))
    older = sending_of(replace(plan, summary="s"))
    assert older.superseded == {"old"}
    assert (older.replaced, older.summary, older.summed_up) == (frozenset(), "s", 3)
    plan = _plan(_planned("old", "superseded"), stands, _planned("m3"))
    first = sending_of(replace(plan, summary="s"))
    assert first.replaced == {"old"}


def test_nothing_is_told_where_nothing_is_missing() -> None:
    # What is empty, failed, or left out by hand is nobody's loss.
    own = [_planned("a", "empty"), _planned("b", "excluded"), _planned("c", "failed")]
    assert sending_of(_plan(*own, _planned("m0"))) == Sending()
    refused = _plan(_planned("a", "too-large"), _planned("m0"), refused=True)
    assert sending_of(refused, KEY) == Sending()


def test_line_moves_with_the_cut_and_only_what_it_concerns_is_drawn_anew() -> None:
    column = _column(_messages(8))
    before, renders = _drawn(column), column.renders
    texts = {id(column.rendered(at)) for at in range(8)}

    assert column.mark_sending(Sending("m4", ("— not sent: 4 messages —",)))
    lines = _drawn(column)
    at = lines.index("  — not sent: 4 messages —")
    assert lines[at + 2] == "▌ words 4"
    assert column.total == len(before) + 1
    assert not column.mark_sending(Sending("m4", ("— not sent: 4 messages —",)))

    assert column.mark_sending(Sending("m6", ("— not sent: 6 messages —",)))
    lines = _drawn(column)
    assert "  — not sent: 4 messages —" not in lines
    assert lines[lines.index("  — not sent: 6 messages —") + 2] == "▌ words 6"

    assert column.mark_sending(Sending())
    assert _drawn(column) == before
    # No message was laid out again, and one that is not here costs nothing.
    assert column.renders == renders
    assert {id(column.rendered(at)) for at in range(8)} == texts
    assert not column.mark_sending(Sending("elsewhere", ("— not sent —",)))


def test_pins_and_exclusions_stand_in_headings() -> None:
    messages = _messages(4)
    messages[1] = replace(messages[1], pinned=True)
    column = _column(messages)
    renders = column.renders
    assert ["model-1", "▪", "pinned"] in [line.split() for line in _drawn(column)]
    flags = {messages[2].id: Flags(excluded=True), "elsewhere": Flags(pinned=True)}
    assert column.flag(flags)
    heads = [line for line in _drawn(column) if "pinned" in line or "left out" in line]
    assert [line.split() for line in heads] == [["▌", "You", "▫", "left", "out"]]
    assert not column.flag(flags)
    assert column.renders == renders
    message = column.message(2)
    assert message is not None
    assert message.excluded


def test_summary_is_a_block_of_its_own_and_streams_like_a_reply() -> None:
    messages = _messages(4)
    summary = ChatMessage("s", "system", model="model-2", covers=("m0", "m2"), status="streaming")
    imported = ChatMessage("i", "system", text_parts("You are brief."))
    column = _column([*messages, imported, summary])
    lines = _drawn(column)
    assert "│ Summary · 3 messages · by model-2" in lines
    assert "│ Summing up …" in lines
    assert lines[lines.index("  system") + 1] == "  You are brief."

    column.append("s", "What was said\n\nA lot.")
    column.refresh()
    ended = replace(summary, parts=text_parts("What was said\n\nA lot."), status="complete")
    column.finish(ended)
    column.refresh()
    lines = _drawn(column)
    assert lines[lines.index("│ Summary · 3 messages · by model-2") + 1 :][:3] == [
        "│ What was said",
        "│",
        "│ A lot.",
    ]
    replaced = frozenset({"s"})
    assert column.mark_sending(Sending(superseded=replaced, replaced=replaced))
    assert any(line.endswith("replaced by a later one") for line in _drawn(column))
    # What is not read any more is put away, until somebody wants to see it.
    column.put_away(replaced)
    column.refresh()
    assert "│ A lot." not in _drawn(column)
    column.folds.toggle("s", folded=True, long=False)
    column.refold(5)
    column.refresh()
    assert "│ A lot." in _drawn(column)
    # What a model is told stands in the heading too: messages that are never sent do not count.
    assert column.mark_sending(Sending(summary="s", summed_up=2))
    assert "│ Summary · 2 messages · by model-2" in _drawn(column)


def test_failed_summary_offers_another_one_and_a_cut_prompt_is_a_warning() -> None:
    failed = ChatMessage(
        "s", "system", text_parts("half"), covers=("m0", "m9"), status="interrupted"
    )
    cut = NoticeInfo("cut", "Sent ≈160,689, the server read 16,387.")
    other = NoticeInfo("other", "Something else.")
    told = ChatMessage("r", "assistant", text_parts("yes"), notices=(cut, other))
    column = _column([*_messages(2), told, failed])
    column.mark_sending(Sending(superseded=frozenset({"s"})))
    lines = _drawn(column)
    assert any(line.endswith("not used: it did not come to its end") for line in lines)
    # The range is not on this path: how many they are is not known.
    assert any(line.startswith("│ Summary ") for line in lines)
    assert any("Retry" in line for line in lines)
    rendered = column.rendered(2)
    assert rendered is not None
    lines_of = [rendered.line(at) for at in range(rendered.height)]
    styles = {line.text: {segment.style for segment in line.strip} for line in lines_of}
    look = rendered.look
    assert styles["· Sent ≈160,689, the server read 16,387."] == {look.alert}
    assert styles["· Something else."] == {look.muted}
