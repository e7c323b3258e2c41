"""How markdown looks: complete rich styles, made from the variables of a theme."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color, ColorParseError

_CONTRAST = 4.5
"""The least contrast of text, WCAG 2 level AA."""


@dataclass(frozen=True, slots=True)
class MarkdownStyles:
    """The styles of everything that markdown can hold.

    `text`, `quote`, `code_block`, `code_label` and the headings are whole (colour and background);
    the others are laid over them.
    """

    text: Style
    quote: Style
    """Text inside a quotation."""
    headings: tuple[Style, Style, Style, Style, Style, Style]
    heading_rule: Style
    """The rule below a heading of the first level."""
    strong: Style
    emphasis: Style
    strike: Style
    code: Style
    """Code inside a line."""
    link: Style
    math: Style
    muted: Style
    """Images, destinations that are no links, and the like."""
    quote_bar: Style
    marker: Style
    """Bullets and numbers."""
    task_open: Style
    task_done: Style
    rule: Style
    table_header: Style
    table_border: Style
    code_block: Style
    code_label: Style
    tokens: Mapping[tuple[str, ...], Style]
    """Pygments' token types, as tuples of names, for code in blocks."""

    def token(self, kind: tuple[str, ...]) -> Style:
        """The style of a token type: its own, else that of the nearest type above it."""
        while kind:
            if style := self.tokens.get(kind):
                return style
            kind = kind[:-1]
        return self.code_block


@lru_cache(maxsize=4096)
def laid_over(base: Style, style: Style) -> Style:
    """`base + style`, remembered: adding styles is the costly part of making segments."""
    return base + style


class _Palette:
    """Colours of a theme that can be read on its background."""

    def __init__(self, variables: Mapping[str, str], dark: bool, background: str) -> None:
        self._variables = variables
        self._ink = Color(255, 255, 255) if dark else Color(0, 0, 0)
        fallback = Color(18, 18, 18) if dark else Color(250, 250, 250)
        self.background = self._parse(background) or fallback
        self.foreground = self._parse("foreground") or self._ink
        self.ansi = self.background.ansi is not None or self.foreground.ansi is not None

    def _parse(self, name: str) -> Color | None:
        try:
            return Color.parse(self._variables.get(name, ""))
        except ColorParseError:
            return None

    def shade(self, factor: float) -> RichColor:
        """The background, tinted with the foreground; a terminal's own palette has no shades."""
        if self.ansi:
            return self.background.rich_color
        return self.background.blend(self.foreground, factor, alpha=1).rich_color

    def color(self, name: str) -> RichColor:
        """A variable's colour, made readable; the foreground where it has none."""
        color = self._parse(name) or self.foreground
        if color.ansi is not None or self.ansi:
            return color.rich_color
        color = self.background.blend(color, color.a, alpha=1)
        for step in range(10):
            mixed = color.blend(self._ink, step / 10)
            if _contrast(mixed, self.background) >= _CONTRAST:
                return mixed.rich_color
        return self._ink.rich_color

    def faint(self, factor: float) -> Style:
        """A foreground that steps back."""
        if self.ansi:
            return Style(color=self.foreground.rich_color, dim=True)
        return Style(color=self.shade(factor))


def _contrast(one: Color, other: Color) -> float:
    def luminance(color: Color) -> float:
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in color.normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def styles_from_theme(
    variables: Mapping[str, str], dark: bool, *, background: str = "background"
) -> MarkdownStyles:
    """Make the styles that go with a theme.

    Args:
        variables: the theme's CSS variables, such as `foreground` and `primary`; missing or
            unreadable ones fall back to the foreground.
        dark: whether the theme is dark.
        background: the variable that names the background the text stands on.
    """
    palette = _Palette(variables, dark, background)
    ground = palette.background.rich_color
    text = Style(color=palette.foreground.rich_color, bgcolor=ground)
    primary, secondary = palette.color("primary"), palette.color("secondary")
    accent, success = palette.color("accent"), palette.color("success")
    faint = palette.faint(0.3)
    code_block = text + Style(bgcolor=palette.shade(0.07))
    return MarkdownStyles(
        text=text,
        quote=text + palette.faint(0.78),
        headings=(
            text + Style(color=primary, bold=True),
            text + Style(color=primary, bold=True),
            text + Style(color=secondary, bold=True),
            text + Style(bold=True),
            text + Style(bold=True, italic=True),
            text + Style(italic=True),
        ),
        heading_rule=faint,
        strong=Style(bold=True),
        emphasis=Style(italic=True),
        strike=Style(strike=True) + palette.faint(0.6),
        code=Style(color=accent, bgcolor=palette.shade(0.1)),
        link=Style(color=primary, underline=True),
        math=Style(color=palette.color("success"), italic=True),
        muted=palette.faint(0.6),
        quote_bar=Style(color=primary),
        marker=Style(color=primary),
        task_open=palette.faint(0.7),
        task_done=Style(color=success),
        rule=faint,
        table_header=Style(bold=True, color=primary),
        table_border=faint,
        code_block=code_block,
        code_label=code_block + palette.faint(0.6),
        tokens=_token_styles(palette, code_block),
    )


def _token_styles(palette: _Palette, base: Style) -> dict[tuple[str, ...], Style]:
    primary = Style(color=palette.color("primary"))
    secondary = Style(color=palette.color("secondary"))
    accent = Style(color=palette.color("accent"))
    success = Style(color=palette.color("success"))
    warning = Style(color=palette.color("warning"))
    error = Style(color=palette.color("error"))
    styles = {
        ("Comment",): palette.faint(0.65) + Style(italic=True),
        ("Comment", "Preproc"): secondary,
        ("Comment", "PreprocFile"): success,
        ("Keyword",): primary + Style(bold=True),
        ("Keyword", "Constant"): warning,
        ("Keyword", "Type"): secondary,
        ("Literal", "Number"): warning,
        ("Literal", "String"): success,
        ("Literal", "String", "Doc"): palette.faint(0.65) + Style(italic=True),
        ("Literal", "String", "Escape"): warning,
        ("Literal", "String", "Interpol"): warning,
        ("Literal", "String", "Affix"): primary,
        ("Name", "Attribute"): accent,
        ("Name", "Builtin"): secondary,
        ("Name", "Class"): accent + Style(bold=True),
        ("Name", "Constant"): warning,
        ("Name", "Decorator"): accent,
        ("Name", "Exception"): error,
        ("Name", "Function"): accent,
        ("Name", "Tag"): primary,
        ("Operator", "Word"): primary + Style(bold=True),
        ("Generic", "Deleted"): error,
        ("Generic", "Inserted"): success,
        ("Generic", "Heading"): primary + Style(bold=True),
        ("Generic", "Subheading"): secondary,
        ("Generic", "Prompt"): palette.faint(0.6),
        ("Generic", "Output"): palette.faint(0.75),
        ("Generic", "Error"): error,
        ("Generic", "Traceback"): error,
        ("Generic", "Emph"): Style(italic=True),
        ("Generic", "Strong"): Style(bold=True),
    }
    return {kind: base + style for kind, style in styles.items()}
