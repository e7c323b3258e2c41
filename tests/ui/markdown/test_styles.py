"""Styles from themes."""

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual.theme import BUILTIN_THEMES

from chat_tui.ui.markdown import render, styles_from_theme
from tests.ui.markdown.samples import ANSWER


def _contrast(style: Style) -> float:
    def luminance(color: tuple[int, int, int]) -> float:
        parts = [part / 255 for part in color]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert style.color
    assert style.bgcolor
    high, low = sorted(
        (luminance(color.get_truecolor()) for color in (style.color, style.bgcolor)), reverse=True
    )
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_theme_gives_readable_styles(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    variables = {**theme.to_color_system().generate(), **theme.variables}
    styles = styles_from_theme(variables, theme.dark)

    assert render(ANSWER, styles, 80)
    if not name.startswith("ansi") and name != "textual-ansi":
        for style in (styles.headings[0], styles.text + styles.link, styles.text + styles.marker):
            assert _contrast(style) >= 4.4
        for kind in (("Keyword",), ("Literal", "String"), ("Name", "Function")):
            assert _contrast(styles.token(kind)) >= 3.2


def test_broken_variables_fall_back() -> None:
    styles = styles_from_theme({"foreground": "nonsense", "primary": "auto 60%"}, dark=True)

    assert _contrast(styles.text) > 10


def test_background_is_that_of_the_named_variable() -> None:
    styles = styles_from_theme(
        {"surface": "#102030", "foreground": "#ffffff"}, dark=True, background="surface"
    )

    assert styles.text.bgcolor is not None
    assert styles.text.bgcolor.get_truecolor() == (0x10, 0x20, 0x30)


def test_sixteen_colours_are_taken_from_the_terminal() -> None:
    theme = BUILTIN_THEMES["ansi-dark"]
    styles = styles_from_theme({**theme.to_color_system().generate(), **theme.variables}, True)

    for style in (styles.text, styles.headings[0], styles.code_block, styles.token(("Keyword",))):
        assert style.color is not None
        assert style.color.downgrade(ColorSystem.STANDARD) == style.color


def test_token_falls_back_to_the_type_above_it() -> None:
    styles = styles_from_theme({}, dark=True)

    assert styles.token(("Keyword", "Reserved", "X")) == styles.token(("Keyword",))
    assert styles.token(("Nothing",)) == styles.code_block
