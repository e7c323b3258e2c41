"""What an empty conversation shows: whom one talks to, and what to press."""

from textual.content import Content

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO, Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import ActiveKeys

_MUTED = "$foreground 60%"


_LOOKED_AT = 400
"""Characters of a system prompt of which the first words are shown."""

_SHOWN = 60


def welcome_text(
    target: Target,
    label: str,
    keys: ActiveKeys,
    *,
    temporary: bool = False,
    system_prompt: str = "",
) -> Content:
    """The text of an empty conversation.

    Args:
        target: where its prompts go.
        label: how the provider is shown.
        keys: those in force.
        temporary: it is never written.
        system_prompt: what the model is told first, raw.
    """
    lines: list[Content] = [Content.styled(text("welcome.title"), "bold $foreground")]
    lines += _about(temporary=temporary, system_prompt=system_prompt)
    if target.provider == DEMO:
        tries = text("welcome.demo-tries").splitlines()
        width = max(map(len, tries))
        lines.append(Content.styled(text("welcome.demo"), _MUTED))
        lines.append(
            Content("\n").join(Content.styled(line.ljust(width), "$accent") for line in tries)
        )
        lines.append(
            Content.styled(text("welcome.connect", key=keys.shown_anywhere("providers")), _MUTED)
        )
    else:
        provider, model = clean_line(label), clean_line(target.model, code=True)
        told = (
            text("welcome.provider", model=model, provider=provider)
            if model
            else text("welcome.provider-alone", provider=provider)
        )
        lines.append(Content.styled(told, _MUTED))
    ways = text(
        "welcome.keys",
        send=keys.shown("send"),
        new_line=keys.shown("new-line"),
        palette=keys.shown("palette"),
        help=keys.shown("help"),
    )
    lines.append(Content.styled(ways, _MUTED))
    return Content("\n\n").join(lines)


def _about(*, temporary: bool, system_prompt: str) -> list[Content]:
    """What is to be known of a conversation in which nothing was said yet."""
    lines: list[Content] = []
    if temporary:
        lines.append(Content.styled(text("welcome.temporary"), "$warning"))
    if system_prompt:
        first = clean_line(system_prompt[:_LOOKED_AT])
        words = first if len(first) <= _SHOWN else f"{first[:_SHOWN].rstrip()}…"
        lines.append(Content.styled(text("welcome.system-prompt", words=words), _MUTED))
    return lines
