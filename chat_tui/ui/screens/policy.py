"""Small dialogs about the context: what is done where it does not fit, and numbers for it."""

from typing import ClassVar, get_args

from textual.binding import BindingType
from textual.content import Content

from chat_tui.core.context.policy import ContextPolicy, Overflow
from chat_tui.core.texts import text
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.choices import ChoiceDialog
from chat_tui.ui.screens.dialogs import LineDialog

WAYS: tuple[Overflow, ...] = get_args(Overflow)
"""What can be done, in the order in which it is offered."""

_LONGEST = 16
"""Characters of a number at most."""


class PolicyDialog(ChoiceDialog):
    """Asks what is done where a conversation does not fit; the last row follows the settings.

    Args:
        policy: what holds now.
        default: what the settings say.
    """

    SCOPE = "policy"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("policy")]

    def __init__(self, policy: ContextPolicy, default: ContextPolicy) -> None:
        rows = [_row(way, policy_about(way), now=way == policy.overflow) for way in WAYS]
        settings = text("policy.as-settings", policy=default.overflow)
        rows.append(_row(text("policy.settings"), settings, now=False))
        super().__init__(text("policy.title"), rows, "policy", at=WAYS.index(policy.overflow))


def policy_about(way: Overflow) -> str:
    """A sentence about a way to deal with what does not fit."""
    return text(f"policy.about.{way}")


def _row(name: str, about: str, *, now: bool) -> Content:
    return Content.assemble(
        (f"{name:<9}", "bold"), (f"{text('policy.now')} " if now else "", "$accent"), about
    )


class CountDialog(LineDialog):
    """Asks for a number; an empty line is 0. Gives the text, None where it was left.

    Args:
        title: what is asked for.
        words: what stands in the line at first; clean.
        hint: what 0 means, and the keys.
        trouble: why what was given before does not do; clean.
    """

    def __init__(self, title: str, words: str, hint: str, trouble: str = "") -> None:
        super().__init__(title, words, hint, longest=_LONGEST, trouble=trouble)

    def read(self, written: str) -> str:
        """An empty line says something too."""
        return written.strip() or "0"
