"""Earlier prompts, as shells bring them back."""

from chat_tui.core.drafts import Draft
from chat_tui.ui.prompt_history import PromptHistory


class Shell:
    """A history with an input of one line."""

    def __init__(self, *sent: str) -> None:
        self.history = PromptHistory()
        self.history.load(sent)
        self.line = ""

    def go(self, *steps: int, before: str = "") -> str | None:
        """Step; gives what is shown after that, None where there was nothing."""
        found: Draft | None = None
        for step in steps:
            found = self.history.step(step, Draft(self.line), before)
            if found is not None:
                self.line = found.text
                self.history.show(Draft(self.line))
        return None if found is None else self.line

    def send(self) -> str:
        """Send the line; gives the draft that comes back."""
        self.history.add(Draft(self.line))
        self.line = ""
        return self.history.leave().text


def test_up_and_down_go_through_what_was_sent_and_keep_the_draft() -> None:
    shell = Shell("third", "second", "first")
    shell.line = "half a though"
    assert [shell.go(-1) for _ in range(4)] == ["third", "second", "first", None]
    assert shell.line == "first"
    assert [shell.go(1) for _ in range(4)] == ["second", "third", "half a though", None]


def test_only_what_begins_like_the_draft_is_found() -> None:
    shell = Shell("explain this", "write a poem", "explain that", "exit")
    shell.line = "expl"
    assert [shell.go(-1, before="expl"), shell.go(-1, before="explain this")] == [
        "explain this",
        "explain that",
    ]
    assert shell.go(-1, before="x") is None
    assert shell.go(1, 1) == "expl"
    assert shell.go(-1, before="nothing like it") is None
    assert shell.line == "expl"


def test_changed_prompt_stays_changed_until_something_is_sent_and_history_is_not_spoilt() -> None:
    shell = Shell("second", "first")
    shell.go(-1)
    shell.line = "second, changed"
    assert shell.go(-1) == "first"
    assert shell.go(1) == "second, changed"
    shell.send()
    assert [shell.go(-1), shell.go(-1), shell.go(-1)] == ["second, changed", "second", "first"]


def test_draft_comes_back_after_an_earlier_prompt_was_sent() -> None:
    shell = Shell("first")
    shell.line = "my draft"
    shell.go(-1)
    assert shell.history.draft(Draft("first")).text == "my draft"
    assert shell.history.draft(Draft("first, changed")).text == "first, changed"
    assert shell.send() == "my draft"
    assert shell.send() == ""


def test_same_prompt_twice_is_kept_once() -> None:
    shell = Shell("one", "two")
    shell.line = "two"
    shell.send()
    assert [shell.go(-1), shell.go(-1), shell.go(-1)] == ["two", "one", None]


def test_prompts_of_earlier_days_come_after_those_of_now() -> None:
    shell = Shell()
    shell.line = "now"
    shell.send()
    shell.history.load(["now", "yesterday"])
    assert [shell.go(-1), shell.go(-1), shell.go(-1)] == ["now", "yesterday", None]
