"""A comparison in Markdown: each prompt, the answers to it under their models, their figures."""

from collections.abc import Iterator

from chat_tui.core.as_markdown import body_blocks, cleaned, close_block
from chat_tui.core.side_by_side.comparison import ComparedTurn, Comparison
from chat_tui.core.side_by_side.figures import figures_markdown
from chat_tui.core.side_by_side.tables import escaped
from chat_tui.core.texts import text
from chat_tui.storage.exporters.comparison_words import (
    about,
    answer_title,
    notes_told,
    parameters_told,
    turn_title,
    vote_told,
)


def as_markdown(compared: Comparison) -> str:
    """The text of the file.

    Texts stay as they were written, but for hidden and control characters; a block of code or
    HTML that an answer left open is closed.
    """
    blocks = [f"# {escaped(compared.title or text('comparison.untitled'))}"]
    told = [f"- {escaped(label)}: {escaped(words)}" for label, words in about(compared)]
    blocks.append("\n".join(told))
    if compared.system_prompt.strip():
        blocks.append(f"## {text('comparison.system')}")
        blocks.append(close_block(compared.system_prompt.strip("\n")))
    for number, turn in enumerate(compared.turns, 1):
        blocks += _turn(turn, number)
    written = cleaned("\n\n".join(blocks))
    return f"{written.text}\n"


def _turn(turn: ComparedTurn, number: int) -> Iterator[str]:
    yield f"## {turn_title(number)}"
    yield from body_blocks(turn.prompt)
    for answer in turn.answers:
        yield f"### {escaped(answer_title(turn, answer))}"
        if told := parameters_told(answer):
            yield f"*{escaped(told)}*"
        yield from list(body_blocks(answer.message, reasoning=True)) or [
            f"*{text('comparison.no-text')}*"
        ]
    if len(turn.answers) > 1:
        yield f"### {text('comparison.figures')}"
        yield figures_markdown(
            [answer.figures for answer in turn.answers], [answer.name for answer in turn.answers]
        )
        if notes := notes_told(turn):
            yield notes
    if turn.vote is not None:
        yield escaped(vote_told(turn, turn.vote))
