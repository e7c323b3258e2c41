"""What the user set about reading."""

from typing import NamedTuple


class TranscriptOptions(NamedTuple):
    """How a transcript shows its messages at first; see the settings of the same names."""

    fold_reasoning: bool = True
    """Show reasoning and tool calls as one line each."""
    fold_lines: int = 40
    """Fold prompts that are longer than so many lines; 0: never."""
    timestamps: bool = False
    """Show when each message was written."""
    pictures: bool = True
    """Show pictures as thumbnails; else a line for each."""

    def folds_like(self, other: "TranscriptOptions") -> bool:
        """Whether as much is shown of messages."""
        return self == other._replace(timestamps=self.timestamps)
