"""What a comparison says in words, for the formats that people read; raw, to be escaped there."""

import json

from chat_tui.core.dates import local_time
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.comparison import ComparedAnswer, ComparedTurn, Comparison
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.core.texts import text


def about(compared: Comparison) -> list[tuple[str, str]]:
    """What is told before the first prompt, each with its label."""
    told = [(text("comparison.models"), ", ".join(compared.names))]
    if compared.created:
        begun = local_time(compared.created).strftime("%Y-%m-%d %H:%M")
        told.append((text("comparison.of"), begun))
    if compared.sharing is not None:
        shared = text(f"comparison.told.{compared.sharing}")
        told.append((text("comparison.sharing"), shared))
    return told


def turn_title(number: int) -> str:
    """What stands over a prompt, counted from 1."""
    return text("comparison.prompt", number=number)


def answer_title(turn: ComparedTurn, answer: ComparedAnswer) -> str:
    """What stands over an answer: whose it is, and what became of it."""
    return " · ".join([answer.name, *marks(turn, answer)])


def marks(turn: ComparedTurn, answer: ComparedAnswer) -> list[str]:
    """What became of an answer, in words."""
    told = [text("comparison.chosen")] if len(turn.answers) > 1 and answer.chosen else []
    if turn.vote is not None and answer in winners(turn, turn.vote):
        told.append(text("comparison.vote.winner"))
    return told


def winners(turn: ComparedTurn, vote: Vote) -> list[ComparedAnswer]:
    """The answers that a vote was for: several, where one model gave more than one."""
    if vote.verdict != "win":
        return []
    return [
        answer for answer in turn.answers if not answer.merged and str(answer.target) == vote.winner
    ]


def vote_told(turn: ComparedTurn, vote: Vote) -> str:
    """What was voted, as a sentence."""
    if vote.verdict != "win":
        return text("comparison.vote.tie" if vote.verdict == "tie" else "comparison.vote.bad")
    names = [answer.name for answer in winners(turn, vote)]
    name = ", ".join(names) or clean_line(vote.winner, code=True)
    return text("comparison.vote.win", name=name)


def parameters_told(answer: ComparedAnswer) -> str:
    """With what an answer was asked for beside the prompt; empty where that is nothing."""
    target = answer.target
    told = [
        f"{clean_line(name, code=True)} = {_value(value)}"
        for name, value in target.parameters.items()
    ]
    if target.system_prompt is not None:
        told.append(f"{text('comparison.system')}: {clean_line(target.system_prompt)}")
    return f"{text('comparison.parameters')}: {', '.join(told)}" if told else ""


def notes_told(turn: ComparedTurn) -> str:
    """What the figures of a prompt's answers mean; empty where that is plain."""
    best = any(each is not None for each in turn.best)
    notes = [text("comparison.best")] if best else []
    if any(answer.figures.estimated for answer in turn.answers):
        notes.append(text("comparison.estimated"))
    return " ".join(notes)


def _value(value: object) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return clean_line(words, code=True)
