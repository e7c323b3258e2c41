"""A vote: which answer is the best, whether they are equally good, or none is of use."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList, Static

from chat_tui.core.plain_text import seen_markdown
from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.votes import Verdict, Vote
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.choices import ChoiceDialog
from chat_tui.ui.screens.comparing.answers import Answers
from chat_tui.ui.screens.modal import Dialog
from chat_tui.ui.widgets.clean_input import CleanInput

_FIRST_WORDS = 200
"""Characters of an answer that a row shows at most."""

_LONGEST_TAG = 40

_TAGS = 8
"""Tags that are offered at most."""


class VoteDialog(ChoiceDialog):
    """Asks for a verdict: a row for each answer, then `tie`, `bad`, and to take a vote back.

    What was called the kind of task is in `tag`.

    Args:
        answers: two or more.
        vote: an earlier one about them; None where there is none.
        at: the row to begin at.
        tags: those of earlier votes, the likeliest first.
        tag: that of the last vote.
    """

    SCOPE = "vote"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("vote")]

    def __init__(
        self, answers: Answers, vote: Vote | None, at: int, tags: Sequence[str], tag: str
    ) -> None:
        rows = [
            _row(name, _first_words(reply.text))
            for name, reply in zip(answers.names, answers.replies, strict=True)
        ]
        others = ["tie", "bad"] if vote is None else ["tie", "bad", "back"]
        rows += [_row(text(f"vote.row.{each}"), text(f"vote.about.{each}")) for each in others]
        super().__init__(text("vote.title"), rows, "vote", at=at)
        self._tags = tags
        self.tag = tag
        """What kind of task it was; empty for none. Clean."""

    def on_mount(self) -> None:
        """Begin at a row."""
        super().on_mount()
        self._show_tag()

    def _show_tag(self) -> None:
        told = text("vote.tagged", tag=self.tag) if self.tag else text("vote.no-tag")
        key = active_keys(self).shown("vote-tag")
        self.query_one(Vertical).border_subtitle = Content(f"{told} ({key})" if key else told)

    @work(name="tag", exclusive=True, exit_on_error=False)
    async def action_edit_tag(self) -> None:
        """Say what kind of task it was."""
        tag = await self.app.push_screen_wait(TagDialog(self.tag, self._tags))
        if tag is not None:
            self.tag = tag
            self._show_tag()


class TagDialog(Dialog[str | None]):
    """Asks what kind of task it was: a word of one's own, or one of earlier votes.

    An empty line takes the tag away; None leaves it.

    Args:
        tag: what it is called so far.
        tags: what is offered.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    TagDialog {
        align: center middle;
        & > Vertical {
            width: 60; max-width: 95%; height: auto; max-height: 90%;
            background: $surface; border: round $primary; padding: 0 1;
        }
        & Input { background: $panel; padding: 0 1; }
        & OptionList {
            height: auto; max-height: 1fr; border: none; background: $surface; padding: 0;
            &:focus { border: none; }
        }
        & Static { color: $text-muted; height: auto; }
    }
    """

    offered = query_one(OptionList)

    def __init__(self, tag: str, tags: Sequence[str]) -> None:
        super().__init__()
        self._tag = tag
        self._tags = [clean_line(each, code=True) for each in tags[:_TAGS]]

    def compose(self) -> ComposeResult:
        """A line to write in, and the tags of earlier votes."""
        with Vertical() as box:
            box.border_title = Content(text("vote.which-tag"))
            yield CleanInput(
                self._tag, placeholder=text("vote.tag-example"), max_length=_LONGEST_TAG
            )
            yield OptionList(*map(Content, self._tags), markup=False)
            yield Static(text("vote.tag-hint"), markup=False)

    def on_mount(self) -> None:
        """Write; none of the others is marked yet."""
        self.offered.highlighted = None
        self.query_one(CleanInput).focus()

    def action_move(self, step: int) -> None:
        """Take one of the others into the line."""
        if self._tags:
            now = self.offered.highlighted
            at = (0 if step > 0 else -1) if now is None else now + step
            self.offered.highlighted = at % len(self._tags)
            line = self.query_one(CleanInput)
            line.value = self._tags[at % len(self._tags)]
            line.cursor_position = len(line.value)

    @on(OptionList.OptionSelected)
    def take_clicked(self, event: OptionList.OptionSelected) -> None:
        """Take one that was clicked."""
        self.dismiss(self._tags[event.option_index])

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """Take what is written."""
        event.stop()
        self.dismiss(clean_line(event.value))


def _row(name: str, about: str) -> Content:
    return Content.assemble((name, "bold"), (f"  {about}", "$foreground 60%"))


def _first_words(words: str) -> str:
    return clean_line(seen_markdown(words[: 2 * _FIRST_WORDS]))[:_FIRST_WORDS]


def verdict_at(row: int, answers: int) -> Verdict:
    """What a row of the dialog means, besides taking a vote back."""
    if row < answers:
        return "win"
    return "tie" if row == answers else "bad"


def row_of(vote: Vote | None, models: Sequence[str]) -> int:
    """The row of an earlier vote; the first one where there is none."""
    if vote is None:
        return 0
    if vote.verdict != "win":
        return len(models) + (vote.verdict == "bad")
    return models.index(vote.winner) if vote.winner in models else 0


def offered_tags(votes: Sequence[Vote]) -> list[str]:
    """The tags of earlier votes, those of the last ones first."""
    return [*dict.fromkeys(tag for vote in reversed(votes) for tag in vote.tags)]
