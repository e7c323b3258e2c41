"""What was sent before, brought back into the prompt as shells do it."""

from collections.abc import Sequence

from chat_tui.core.drafts import Draft

_MOST = 500
"""Prompts that are kept in memory."""

_DRAFT = -1
"""The place of what is written and not sent; 0 is the newest prompt."""


class PromptHistory:
    """The prompts that were sent, newest first, and where in them one is.

    A prompt that was brought back and changed keeps its change until something is sent; the
    history itself never changes.
    """

    def __init__(self) -> None:
        self._sent: list[Draft] = []
        self._at = _DRAFT
        self._shown: Draft | None = None
        self._changed: dict[int, Draft] = {}
        self._before = ""
        self.loaded = False
        """Whether the prompts of earlier days are there."""

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def away(self) -> bool:
        """Whether something else than the draft is shown."""
        return self._at != _DRAFT

    def load(self, prompts: Sequence[str]) -> None:
        """Add what was sent before the app was started, newest first."""
        known = {draft.text for draft in self._sent if not (draft.pastes or draft.attached)}
        self._sent += [Draft(words) for words in prompts if words not in known]
        self.loaded = True

    def add(self, draft: Draft) -> None:
        """Note what was sent, with what its chips stand for; never twice in a row."""
        kept = Draft(draft.text, draft.pastes, draft.attached)
        if kept in self._sent:
            self._sent.remove(kept)
        self._sent.insert(0, kept)
        del self._sent[_MOST:]

    def leave(self) -> Draft:
        """Forget where one was and what was changed; gives the draft that was kept, if any."""
        kept = self._changed.get(_DRAFT, Draft()) if self.away else Draft()
        self._at, self._shown, self._before = _DRAFT, None, ""
        self._changed.clear()
        return kept

    def draft(self, now: Draft) -> Draft:
        """What is to be kept of a prompt: the draft, while an earlier prompt is only looked at."""
        return self._changed.get(_DRAFT, now) if self.away and now == self._shown else now

    def step(self, step: int, now: Draft, before: str = "") -> Draft | None:
        """Go to an earlier (-1) or later (1) prompt, at last to the draft.

        Args:
            step: where to.
            now: what stands in the prompt.
            before: with what a prompt must begin; taken anew when the text was changed.

        Returns:
            What is to be shown (tell with `show` how it stands there), None where there is none.
        """
        if self.away and now == self._changed.get(_DRAFT):
            # It was undone that another prompt was brought back.
            self._at = _DRAFT
        if now != self._shown or not self.away:
            self._changed[self._at] = now
            self._before = before
        at = self._at - step
        while _DRAFT < at < len(self._sent) and not self._fits(at, now):
            at -= step
        if not _DRAFT <= at < len(self._sent):
            return None
        self._at = at
        found = self._changed.get(at)
        return found or (self._sent[at] if at != _DRAFT else Draft())

    def show(self, shown: Draft) -> None:
        """Note how what the last step gave stands in the input: its chips have other numbers."""
        self._shown = shown

    def _fits(self, at: int, now: Draft) -> bool:
        words = self._changed.get(at, self._sent[at]).text
        return words.startswith(self._before) and words != now.text
