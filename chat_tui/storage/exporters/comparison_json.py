"""A comparison as JSON, for programs.

::

    {"format": "chat-tui-comparison", "version": 1,
     "id": …, "title": …, "created": seconds since 1970, "system_prompt": …,
     "sharing": "one" | "own" | "several" | null (never side by side),
     "names": [what is compared, in the order of the columns],
     "turns": [{
        "turn": …,
        "prompt": {a message as `chat-tui export` writes it},
        "answers": [{
            "name": …, "chosen": bool, "merged": bool,
            "target": {"provider": …, "model": …, "parameters": {…}, "system_prompt": …},
            "figures": {"first_token_s", "total_s", "rate", "prompt_tokens", "completion_tokens",
                        "reasoning_tokens", "words", "cost" (US dollars), "estimated",
                        "model", "provider", "status", "finish_reason"},
            "message": {a message as `chat-tui export` writes it}}, …],
        "best": {"fastest": place or null, "first": …, "cheapest": …},
        "vote": null | {"verdict": "win" | "tie" | "bad", "winner": …, "models": […],
                        "tags": […], "at": seconds since 1970}}, …]}

Times are seconds, null what is not known. The answers stand in the order of the columns; places
count them from 0. No key and no header is anywhere in it. Later versions only add fields.
"""

from typing import Any

from chat_tui.core.side_by_side.comparison import ComparedAnswer, ComparedTurn, Comparison
from chat_tui.core.side_by_side.votes import Vote
from chat_tui.storage.encoding import dump, escape_hidden, message_to_json
from chat_tui.storage.values import MAX_DEPTH

FORMAT = "chat-tui-comparison"
FORMAT_VERSION = 1


def as_json(compared: Comparison) -> str:
    """The text of the file: UTF-8 without any unescaped control."""
    value = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "id": compared.id,
        "title": compared.title,
        "created": compared.created,
        "system_prompt": compared.system_prompt,
        "sharing": compared.sharing,
        "names": list(compared.names),
        "turns": [_turn(turn) for turn in compared.turns],
    }
    return escape_hidden(dump(value, indent=1, depth=MAX_DEPTH)) + "\n"


def _turn(turn: ComparedTurn) -> dict[str, Any]:
    return {
        "turn": turn.turn,
        "prompt": message_to_json(turn.prompt),
        "answers": [_answer(answer) for answer in turn.answers],
        "best": turn.best._asdict(),
        "vote": None if turn.vote is None else _vote(turn.vote),
    }


def _answer(answer: ComparedAnswer) -> dict[str, Any]:
    return {
        "name": answer.name,
        "chosen": answer.chosen,
        "merged": answer.merged,
        "target": {
            "provider": answer.target.provider,
            "model": answer.target.model,
            "parameters": dict(answer.target.parameters),
            "system_prompt": answer.target.system_prompt,
        },
        "figures": answer.figures._asdict(),
        "message": message_to_json(answer.message),
    }


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "verdict": vote.verdict,
        "winner": vote.winner,
        "models": list(vote.models),
        "tags": list(vote.tags),
        "at": vote.at,
    }
