"""Columns beside each other: each a heading and a transcript, with tabs where not all have room."""

from chat_tui.ui.widgets.columns.facts import HeadFacts, HeadState
from chat_tui.ui.widgets.columns.pane import ColumnPane
from chat_tui.ui.widgets.columns.row import ColumnRow

__all__ = ["ColumnPane", "ColumnRow", "HeadFacts", "HeadState"]
