"""Folding and unfolding messages by hand, with the one that is meant staying where it is."""

from chat_tui.ui.widgets.transcript.feed import TranscriptFeed


class FoldingFeed(TranscriptFeed):
    """The part of `Transcript` that folds messages."""

    def toggle_fold(self, index: int) -> None:
        """Unfold a message, or fold it again: long ones their text, others reasoning and calls."""
        node = self.column.node(index)
        rendered = self.column.render(index)
        folded = rendered is not None and rendered.folded
        size = len(rendered.text_lines) if rendered is not None else 0
        long = self.column.folds.is_long(node.role, size)
        levels = rendered.document_levels if rendered is not None else 0
        self.column.folds.toggle(node.id, folded=folded, long=long, documents=levels)
        self._refold(index)

    def toggle_message(self, index: int) -> None:
        """Fold a message to its first line, or show it whole."""
        rendered = self.column.render(index)
        folded = rendered is not None and rendered.folded
        self.column.folds.toggle_message(self.column.id_at(index), folded=folded)
        self._refold(index)

    def toggle_all(self) -> None:
        """Fold all messages to their first lines, or show them as they were at first."""
        self.column.folds.toggle_all()
        self._change_heights(self._kept_place, self.column.refold_all)

    def reveal(self, index: int, *, details: bool = False) -> None:
        """Show a message whole, perhaps with its reasoning and calls."""
        self.column.folds.reveal(self.column.id_at(index), details=details)
        self._refold(index)

    def _refold(self, index: int) -> None:
        """Keep a message where it is, even at the end; but what streams is still followed."""
        following = self.following and bool(self.column.unfinished())
        self._change_heights(index, lambda: self.column.refold(index), following=following)
