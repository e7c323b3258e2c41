"""What `ask` tells on standard error beside the answer."""

from collections.abc import Iterator
from dataclasses import replace

from chat_tui.cli.answer import Outcome
from chat_tui.cli.options import TargetOptions
from chat_tui.cli.output import say, say_error
from chat_tui.core.context.plan import ContextPlan, weight_of
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.events import RetryScheduled
from chat_tui.core.figures import money
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


def plan_lines(plan: ContextPlan, *, own_vocabulary: bool) -> Iterator[str]:
    """What of a conversation does not go as it is, and why; nothing where all of it does.

    Args:
        plan: of the request.
        own_vocabulary: whether what is counted is counted as the model does.
    """
    if left := plan.trimmed:
        exact = own_vocabulary and all(each.exact for each in left)
        summed = sum(each.reason == "summarised" for each in left)
        weight = f"{'' if exact else '≈'}{weight_of(left):,} tokens"
        if summed == len(left):
            yield f"Summed up: {_messages(summed)}, {weight}."
        else:
            some = f", {summed:,} of them summed up" if summed else ""
            yield f"Not sent: {_messages(len(left))}, {weight}{some}{_why(plan)}."
    shortened = [each for each in plan.messages if each.decision == "shortened"]
    if short := sum(each.reason == "too-large" for each in shortened):
        yield f"Sent in a shorter form: {_messages(short)}."
    if plan.over and plan.policy.overflow == "warn":
        yield (
            f"This may be too much: {plan.tokens:,} tokens, where there is room for "
            f"{plan.budget.tokens:,}. It is sent all the same."
        )


def _why(plan: ContextPlan) -> str:
    reasons = {each.reason for each in plan.trimmed}
    window, why = plan.budget.window, []
    if "too-large" in reasons and window.tokens is not None:
        source = f", {text(f'context.source.{window.source}')}" if window.source else ""
        why.append(f"the window has {window.tokens:,} tokens{source}")
    if "history" in reasons:
        why.append(f"at most {_messages(plan.policy.max_history)} are sent")
    return f" ({'; '.join(why)})" if why else ""


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"


def summary_line(summary: ChatMessage) -> str:
    """What came of summing up the oldest turns."""
    if summary.error is not None:
        return f"The oldest turns could not be summed up: {summary.error.told}"
    if summary.status not in ("complete", "length") or summary.empty:
        return "The oldest turns were not summed up: no summary came."
    cost = f", for {money(summary.cost.amount)}" if summary.cost is not None else ""
    return f"The oldest turns are summed up from now on{cost}."
