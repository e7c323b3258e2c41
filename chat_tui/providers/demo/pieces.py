"""What the demo's replies are cut into."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Piece:
    """One delta of one choice."""

    kind: Literal["content", "reasoning_content", "tool_calls", "images"]
    text: str
    index: int = 0
    """Of the tool call, or the picture."""
    name: str = ""
    """Of the tool, with the first piece of its call."""

    def delta(self, request_id: str) -> dict[str, Any]:
        """The delta on the wire."""
        if self.kind == "images":
            return {"images": [self.image()]}
        if self.kind != "tool_calls":
            return {self.kind: self.text}
        call: dict[str, Any] = {"index": self.index, "function": {"arguments": self.text}}
        if self.name:
            call |= {"id": f"call_{request_id}_{self.index}", "type": "function"}
            call["function"]["name"] = self.name
        return {"tool_calls": [call]}

    def image(self) -> dict[str, Any]:
        """A picture as an entry of the list that holds them."""
        return {"type": "image_url", "index": self.index, "image_url": {"url": self.text}}
