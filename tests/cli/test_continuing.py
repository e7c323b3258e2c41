"""Whom `ask` goes on with in a conversation."""

from pathlib import Path

from chat_tui.cli.compose import load_setup
from chat_tui.cli.continuing import recipients
from chat_tui.cli.options import AskOptions, TargetOptions
from chat_tui.core.conversation import Conversation
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import DEMO, Target


def test_system_prompt_that_is_given_now_holds_over_the_model_s_own(tmp_path: Path) -> None:
    setup = load_setup({"CHAT_TUI_HOME": str(tmp_path)})
    rhyming = Target(DEMO, "b", {"temperature": 0.5}, "Rhyme.")
    conversation = Conversation("c", targets=(Target(DEMO, "a"), rhyming), board=Board(alone=1))
    demo = TargetOptions(demo=True)

    as_it_was = recipients(AskOptions("hi", demo), setup, conversation, {})
    other = recipients(AskOptions("hi", demo, system="Be brief."), setup, conversation, {})

    assert as_it_was.targets == (rhyming,)
    assert other.targets == (Target(DEMO, "b", {"temperature": 0.5}),)
