"""What an empty conversation shows: whom one talks to, and what to press."""

from textual.content import Content

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO, Target
from chat_tui.core.texts import text
from chat_tui.ui.actions import ActiveKeys

_MUTED = "$foreground 60%"


def welcome_text(target: Target, label: str, keys: ActiveKeys) -> Content:
    """The text of an empty conversation with a target."""
    lines: list[Content] = [Content.styled(text("welcome.title"), "bold $foreground")]
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
