"""The colours of the transcript, taken from the theme once and used for every line."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.style import Style
from textual.color import Color

from chat_tui.ui.markdown import MarkdownStyles, styles_from_theme

_COLOURS = ("background", "foreground", "surface", "panel", "primary", "accent", "warning", "error")


@dataclass(frozen=True, slots=True)
class TranscriptLook:
    """All styles that a transcript draws with; made anew when the theme changes."""

    reply: MarkdownStyles
    reasoning: MarkdownStyles
    """Muted."""
    base: Style
    prompt_base: Style
    prompt_bar: Style
    user_name: Style
    model_name: Style
    muted: Style
    muted_on_prompt: Style
    cursor: Style
    """The bar beside the message that the keyboard is on."""
    selection: Style
    hit: Style
    """Words that are looked for."""
    current_hit: Style
    """The place that was gone to. It is drawn in reverse, the others are underlined: both are seen
    without colours too."""
    card: Style
    """The text of a card: an error, a notice."""
    card_muted: Style
    card_key: Style
    """A key that is offered on a card."""
    key: Style
    """The same beside plain text."""
    error: Style
    warning: Style
    alert: Style
    """A warning beside plain text."""
    summary_name: Style


def look_from_theme(variables: Mapping[str, str], *, dark: bool) -> TranscriptLook:
    """Make the look from a theme's CSS variables (its plain colours, in hexadecimal)."""
    colours = {name: Color.parse(variables[name]) for name in _COLOURS}
    background, surface = colours["background"], colours["surface"]
    foreground = colours["foreground"]
    colours["muted"] = background.blend(foreground, 0.6)

    def on(back: Color, name: str, *, bold: bool | None = None) -> Style:
        return Style(color=colours[name].rich_color, bgcolor=back.rich_color, bold=bold)

    muted = {**variables, "foreground": colours["muted"].hex}
    return TranscriptLook(
        reply=styles_from_theme(variables, dark),
        reasoning=styles_from_theme(muted, dark),
        base=on(background, "foreground"),
        prompt_base=on(surface, "foreground"),
        prompt_bar=on(surface, "primary"),
        user_name=on(surface, "primary", bold=True),
        model_name=on(background, "accent", bold=True),
        muted=on(background, "muted"),
        muted_on_prompt=on(surface, "muted"),
        cursor=Style(color=colours["accent"].rich_color, bold=True),
        selection=Style(bgcolor=background.blend(colours["primary"], 0.5).rich_color),
        hit=Style(
            color=colours["foreground"].rich_color,
            bgcolor=background.blend(colours["warning"], 0.3).rich_color,
            underline=True,
        ),
        current_hit=on(background, "warning", bold=True) + Style(reverse=True, underline=False),
        card=on(surface, "foreground"),
        card_muted=on(surface, "muted"),
        card_key=on(surface, "accent"),
        key=on(background, "accent"),
        error=on(surface, "error", bold=True),
        warning=on(surface, "warning", bold=True),
        alert=on(background, "warning"),
        summary_name=on(background, "primary", bold=True),
    )
