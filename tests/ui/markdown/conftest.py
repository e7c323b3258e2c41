"""One set of styles for all."""

import pytest
from textual.theme import BUILTIN_THEMES

from chat_tui.ui.markdown import MarkdownStyles, styles_from_theme


@pytest.fixture(scope="session")
def styles() -> MarkdownStyles:
    return styles_from_theme(BUILTIN_THEMES["textual-dark"].to_color_system().generate(), dark=True)
