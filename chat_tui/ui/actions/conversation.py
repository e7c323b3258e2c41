"""The actions of the app and of its conversation screen."""

from chat_tui.ui.actions.action import Action

LEADER = "ctrl+g"
"""Followed by a letter, it reaches what has no key of its own in a plain terminal."""

CONVERSATION_ACTIONS: tuple[Action, ...] = (
    Action("send", "screen.send", "enter", "prompt", hint=True, priority=True, palette=False),
    Action(
        "new-line",
        "screen.new_line",
        "ctrl+j,shift+enter,alt+enter",
        "prompt",
        hint=True,
        priority=True,
        palette=False,
    ),
    Action("stop", "screen.stop_or_leave", "escape", hint=True, priority=True, palette=False),
    Action("copy-or-stop", "screen.copy_or_stop", "ctrl+c", priority=True, palette=False),
    Action("new", "screen.do('chats.new')", "ctrl+n", leader="n", hint=True, slash="new,clear"),
    Action("open", "screen.do('chats.focus_list')", "ctrl+o", leader="o", hint=True),
    Action("toggle-list", "screen.do('chats.toggle_list')", "ctrl+b", leader="b"),
    Action(
        "regenerate",
        "screen.do('answering.regenerate')",
        "ctrl+r",
        leader="r",
        slash="regenerate,retry",
        about="message",
    ),
    Action(
        "copy-answer",
        "screen.do('copying.copy_answer')",
        leader="y",
        slash="copy,copy-answer",
        about="message",
    ),
    Action("rename", "screen.do('chats.rename')", "f2", leader="e", slash="rename,title"),
    Action("delete", "screen.do('chats.delete')", leader="d"),
    Action("undo", "screen.do('branches.undo')", leader="u"),
    Action("redo", "screen.do('branches.redo')", leader="U"),
    Action("branches", "screen.do('branches.show')", leader="T"),
    Action("favourite", "screen.do('favourites.toggle')", leader="*"),
    Action("go-favourite", "screen.do('favourites.go')", leader="'"),
    Action(
        "find",
        "screen.do('finding.open')",
        "ctrl+f",
        leader="/",
        hint=True,
        priority=True,
        slash="find,search",
        about="reading",
    ),
    Action("copy-conversation", "screen.do('copying.copy_conversation')", leader="A"),
    Action("page-conversation", "screen.do('outside.page_conversation')", leader="V"),
    Action("edit-conversation", "screen.do('outside.edit_conversation')", leader="G"),
    Action("temporary", "screen.do('chats.start_temporary')", leader="N", slash="temp"),
    Action("pin", "screen.do('chats.pin')", leader="P"),
    Action(
        "system-prompt",
        "screen.do('chats.edit_system_prompt')",
        leader="S",
        slash="system",
    ),
    Action(
        "settings",
        "screen.do('preferences.show')",
        "f6",
        leader=",",
        # Before the text area, which selects a line with it.
        priority=True,
        about="app",
    ),
    Action("next-conversation", "screen.do('chats.step', 1)", "ctrl+pagedown", leader=">"),
    Action("previous-conversation", "screen.do('chats.step', -1)", "ctrl+pageup", leader="<"),
    Action(
        "switch-model", "screen.do('answering.switch_model')", "ctrl+t", leader="s", slash="model"
    ),
    Action("parameters", "screen.do('workbench.show_parameters')", leader="p"),
    Action("providers", "screen.do('workbench.show_providers')", leader="k", about="app"),
    # Before the text area, which selects all with it.
    Action("context", "screen.do('context.screens.inspect')", "f7", leader="B", priority=True),
    Action("compact", "screen.do('context.compact')", leader="C"),
    Action(
        "context-policy",
        "screen.do('context.policies.change')",
        leader="K",
        slash="policy",
    ),
    Action("raw", "screen.do('workbench.show_raw')", leader="v", about="message"),
    Action("use-found", "screen.use_found_server", leader="l", needs="found", about="app"),
    Action(
        "focus-transcript", "screen.do('reading.focus_transcript')", leader="m", about="reading"
    ),
    Action("list-next", "screen.do('chats.move_row', 1)", "j", "list", palette=False),
    Action("list-previous", "screen.do('chats.move_row', -1)", "k", "list", palette=False),
    Action("list-first", "focused.first", "g,home", "list", palette=False),
    Action("list-last", "focused.last", "G,end", "list", palette=False),
    Action("list-new", "screen.do('chats.new')", "n", "list", palette=False),
    Action("list-rename", "screen.do('chats.rename')", "r", "list", hint=True, palette=False),
    Action(
        "list-delete", "screen.do('chats.delete')", "d,delete", "list", hint=True, palette=False
    ),
    Action("list-undo", "screen.do('branches.undo')", "u", "list", hint=True, palette=False),
    Action("list-pin", "screen.do('chats.pin')", "p", "list", palette=False),
    Action("palette", "app.command_palette", "ctrl+p", "app", hint=True, palette=False),
    Action("leader", "app.leader", LEADER, "app", hint=True, priority=True, palette=False),
    Action("toggle-dark", "app.toggle_dark", scope="app", leader="t"),
    Action("help", "app.help", "f1", "app", leader="h", hint=True),
    Action(
        "quit", "app.quit", "ctrl+q", "app", leader="q", hint=True, priority=True, slash="quit,exit"
    ),
)
"""In the order in which help and palette show them."""
