"""The actions of the app and of its conversation screen."""

from chat_tui.ui.actions.action import Action

LEADER = "ctrl+g"
"""Followed by a letter, it reaches what has no key of its own in a plain terminal."""

CONVERSATION_ACTIONS: tuple[Action, ...] = (
    Action("send", "screen.send", "enter", "prompt", hint=True, priority=True, palette=False),
    Action(
        "new-line",
        "screen.new_line",
        "ctrl+j,shift+enter,alt+enter,shift+\r",
        "prompt",
        hint=True,
        priority=True,
        palette=False,
    ),
    Action("stop", "screen.stop_or_leave", "escape", hint=True, priority=True, palette=False),
    Action("copy-or-stop", "screen.copy_or_stop", "ctrl+c", priority=True, palette=False),
    Action("new", "screen.new_conversation", "ctrl+n", leader="n", hint=True),
    Action("open", "screen.focus_list", "ctrl+o", leader="o", hint=True),
    Action("toggle-list", "screen.toggle_list", "ctrl+b", leader="b"),
    Action("regenerate", "screen.regenerate", "ctrl+r", leader="r"),
    Action("copy-answer", "screen.copy_answer", leader="y"),
    Action("rename", "screen.rename", "f2", leader="e"),
    Action("delete", "screen.delete", leader="d"),
    Action("undo-delete", "screen.undo_delete", leader="u"),
    Action("switch-model", "screen.switch_model", "ctrl+t", leader="s"),
    Action("parameters", "screen.show_parameters", leader="p"),
    Action("providers", "screen.show_providers", leader="k"),
    Action("raw", "screen.show_raw", leader="v"),
    Action("use-found", "screen.use_found_server", leader="l", needs="found"),
    Action("focus-transcript", "screen.focus_transcript", leader="m"),
    Action("page-up", "screen.scroll_pages(-1)", "pageup", "prompt", priority=True, palette=False),
    Action(
        "page-down", "screen.scroll_pages(1)", "pagedown", "prompt", priority=True, palette=False
    ),
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
    Action("list-next", "screen.move_row(1)", "j", "list", palette=False),
    Action("list-previous", "screen.move_row(-1)", "k", "list", palette=False),
    Action("list-new", "screen.new_conversation", "n", "list", palette=False),
    Action("list-rename", "screen.rename", "r", "list", hint=True, palette=False),
    Action("list-delete", "screen.delete", "d,delete", "list", hint=True, palette=False),
    Action("list-undo", "screen.undo_delete", "u", "list", hint=True, palette=False),
    Action("palette", "app.command_palette", "ctrl+p", "app", hint=True, palette=False),
    Action("leader", "app.leader", LEADER, "app", hint=True, priority=True, palette=False),
    Action("toggle-dark", "app.toggle_dark", scope="app", leader="t"),
    Action("help", "app.help", "f1", "app", leader="h", hint=True),
    Action("quit", "app.quit", "ctrl+q", "app", leader="q", hint=True, priority=True),
)
"""In the order in which help and palette show them."""
