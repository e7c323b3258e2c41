"""One thing that a user can do, and where its keys work."""

from dataclasses import dataclass
from typing import Literal

from chat_tui.core.texts import text

Part = Literal["app", "conversation", "prompt", "transcript", "list", "queue", "find"]
"""Everywhere, on the conversation screen, or in one of its parts."""

ScreenScope = Literal[
    "parameters",
    "value",
    "providers",
    "form",
    "models",
    "model-sets",
    "diff",
    "figures",
    "vote",
    "standings",
    "merge",
    "test",
    "raw",
    "branches",
    "code",
    "links",
    "attached",
    "library",
    "saved-prompt",
    "filling",
    "paste",
    "settings",
    "system-prompt",
    "context",
    "request",
    "too-large",
    "policy",
    "attach",
    "documents",
    "objections",
]
"""On a screen over the conversation; while it is open, the keys of the conversation are not."""

Scope = Part | ScreenScope
"""Where an action's keys work."""

Subject = Literal["conversation", "columns", "message", "reading", "writing", "app"]
"""What an action is about: the headings under which the keys after the leader are shown."""

_SUBJECTS: dict[Scope, Subject] = {
    "app": "app",
    "prompt": "writing",
    "queue": "writing",
    "transcript": "message",
}
"""Of the actions of a scope, unless they say otherwise; of all others the conversation."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user can do."""

    id: str
    """Kebab-case; names it in keymaps and in the catalogue of texts."""
    run: str
    """Textual's action, `app.` or `screen.` in front, as it is run from anywhere."""
    keys: str = ""
    """The default keys, separated by commas; keys pressed one after the other have spaces between
    them: `g g`."""
    scope: Scope = "conversation"
    leader: str = ""
    """The key after the leader; it works in all parts of the conversation screen."""
    hint: bool = False
    """Shown at the bottom while its scope has the focus."""
    priority: bool = False
    """Comes before the keys of the focused widget."""
    palette: bool = True
    """Listed in the palette; moving about is not."""
    needs: str = ""
    """The attribute of the screen (dots lead further) without which there is nothing to act on: it
    is not listed then, and says so where it is run all the same."""
    slash: str = ""
    """The words after `/` in the prompt, separated by commas; empty for its id. Only what is in the
    palette can be reached that way."""

    about: Subject | None = None
    """Where it stands among the keys after the leader, if not where its scope belongs."""

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.about or _SUBJECTS.get(self.scope, "conversation")

    @property
    def label(self) -> str:
        """What it is called."""
        return text(f"action.{self.id}.label")

    @property
    def help(self) -> str:
        """What it does, in a sentence."""
        return text(f"action.{self.id}.help")

    @property
    def binding_keys(self) -> str:
        """The keys of its binding; where it has none, a name that no terminal sends.

        Textual gives new keys to a binding only, and has none without a key.
        """
        return self.keys or f"<{self.id}>"
