"""The actions for reading: their keys work while the transcript has the focus."""

from functools import partial

from chat_tui.ui.actions.action import Action

_moves = partial(Action, scope="transcript", palette=False)
_does = partial(Action, scope="transcript")

TRANSCRIPT_ACTIONS: tuple[Action, ...] = (
    Action("next-message", "screen.move_message(1)", "j", "transcript", hint=True, palette=False),
    Action(
        "previous-message", "screen.move_message(-1)", "k", "transcript", hint=True, palette=False
    ),
    Action("first-message", "screen.jump_to_start", "g,home", "transcript", palette=False),
    Action("last-message", "screen.jump_to_end", "G,end", "transcript", leader="j"),
    Action("copy-message", "screen.copy_message", "y,c", "transcript", hint=True, palette=False),
    Action(
        "regenerate-message",
        "screen.regenerate_message",
        "r",
        "transcript",
        hint=True,
        palette=False,
    ),
    Action(
        "previous-sibling",
        "screen.show_sibling(-1)",
        "left_square_bracket,less_than_sign",
        "transcript",
        palette=False,
    ),
    Action(
        "next-sibling",
        "screen.show_sibling(1)",
        "right_square_bracket,greater_than_sign",
        "transcript",
        palette=False,
    ),
    Action(
        "continue-answer", "screen.continue_answer", "C", "transcript", "c", needs="can_continue"
    ),
    Action(
        "retry-other-model",
        "screen.retry_other_model",
        "a",
        "transcript",
        leader="a",
        needs="can_retry",
    ),
    Action("leave-out", "screen.leave_out", "f", "transcript", leader="f", needs="can_leave_out"),
    Action(
        "wait-and-retry", "screen.wait_and_retry", "z", "transcript", leader="z", needs="can_wait"
    ),
    Action("retry-now", "screen.retry_now", "w", "transcript", leader="w", needs="can_hurry"),
    Action("fold", "screen.toggle_fold", "o,space", "transcript", palette=False),
    Action("scroll-left", "screen.scroll_wide(-8)", "h,left", "transcript", palette=False),
    Action("scroll-right", "screen.scroll_wide(8)", "l,right", "transcript", palette=False),
    Action("select-up", "screen.select_lines(-1)", "shift+up,K", "transcript", palette=False),
    Action("select-down", "screen.select_lines(1)", "shift+down,J", "transcript", palette=False),
    Action(
        "write",
        "screen.focus_prompt",
        "i,enter",
        "transcript",
        leader="i",
        hint=True,
        # At once: the letters that follow are meant for the prompt.
        priority=True,
    ),
    _moves("next-prompt", "screen.do('reading.move_to_prompt', 1)", "right_curly_bracket"),
    _moves("previous-prompt", "screen.do('reading.move_to_prompt', -1)", "left_curly_bracket"),
    _moves("next-code", "screen.do('reading.move_to_code', 1)", "full_stop"),
    _moves("previous-code", "screen.do('reading.move_to_code', -1)", "comma"),
    _does("unread", "screen.do('reading.jump_to_unread')", "m", leader="M"),
    _does("copy-code", "screen.do('reading.copy_code')", "Y", leader="Y"),
    _does("save-code", "screen.do('reading.save_code')", "s", leader="x"),
    _does("links", "screen.do('reading.show_links')", "L", leader="L"),
    _does("fold-message", "screen.do('reading.fold_message')", "O"),
    _does("fold-all", "screen.do('reading.fold_all')", "Z", leader="Z"),
    _does("timestamps", "screen.do('reading.toggle_timestamps')", "T"),
    _does("edit-message", "screen.do('branches.edit')", "e", leader="E"),
    _does("delete-message", "screen.do('branches.delete_message')", "d,delete"),
    _does("delete-branch", "screen.do('branches.delete_branch')", "D"),
    _does("fork", "screen.do('branches.fork')", "F", leader="F"),
    _moves("tree", "screen.do('branches.show')", "t"),
    _moves("undo-reading", "screen.do('branches.undo')", "u"),
    _moves("redo-reading", "screen.do('branches.redo')", "U"),
    _moves("find-reading", "screen.do('finding.open')", "slash"),
    _moves("next-hit", "screen.do('finding.move', 1)", "n"),
    _moves("previous-hit", "screen.do('finding.move', -1)", "N"),
    _does("page-message", "screen.do('outside.page_message')", "p"),
    _does("view-message", "screen.do('outside.edit_message')", "v"),
)
"""In the order in which help and palette show them."""
