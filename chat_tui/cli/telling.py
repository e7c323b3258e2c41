"""What `ask` tells on standard error beside the answer."""

from dataclasses import replace

from chat_tui.cli.answer import Outcome
from chat_tui.cli.options import TargetOptions
from chat_tui.cli.output import say, say_error
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.events import RetryScheduled
from chat_tui.core.messages import ChatMessage
from chat_tui.core.texts import text

_AT_ONCE = 0.05
"""Seconds; a shorter wait is none."""


def explain(outcome: Outcome, reply: ChatMessage, *, json: bool = False) -> None:
    """Tell what the text alone does not; with `json` that has all of the further answers."""
    if reply.refusal:
        say(f"{text('transcript.refused')}: {reply.refusal}")
    for call in reply.tool_calls:
        say(f"The model asks for the tool {call.name} with {call.arguments}")
    if json:
        pass
    elif len(outcome.choices) == 1:
        say("There is 1 further answer to this prompt; --json has it.")
    elif outcome.choices:
        say(f"There are {len(outcome.choices)} further answers to this prompt; --json has them.")
    if reply.error is not None and outcome.failure is not None:
        say_error(outcome.failure)
    elif reply.status in ("length", "filtered", "stopped"):
        say(text(f"transcript.status.{reply.status}"))
    elif reply.empty and not reply.refusal:
        say(text("transcript.empty"))
    if outcome.breaks_format:
        say("The answer is not valid JSON.")


def way_on(target: TargetOptions, conversation: str) -> str:
    """Where an answer that broke off is, and how to go on with it."""
    again = "--base-url … " if target.base_url else "--demo " if target.demo else ""
    return (
        f"What came is saved in the conversation {conversation}. "
        f'To go on: chat-tui ask -c {again}"Go on"'
    )


def retry_words(event: RetryScheduled) -> str:
    """That a request is sent again, and why."""
    when = f"in {event.delay:.1f} s" if event.delay >= _AT_ONCE else "at once"
    return f"Attempt {event.attempt} of {event.attempts} {when}: {event.error.message}"


def for_address(error: ErrorInfo, variable: str) -> ErrorInfo:
    """The error of a server that is named by its address: no settings say which key it gets.

    Args:
        error: what went wrong.
        variable: what --api-key-env names; empty where it is not given.
    """
    if error.kind != "auth":
        return error
    if variable:
        hint = f"Check the value of {variable}, or name another variable with --api-key-env."
    else:
        hint = "Name the variable that holds its key with --api-key-env."
    return replace(error, hint=hint)
