"""The actions for writing, for the prompts that wait, and for finding."""

from functools import partial

from chat_tui.ui.actions.action import Action

_prompt = partial(Action, scope="prompt", priority=True)
_queue = partial(Action, scope="queue", palette=False)
_find = partial(Action, scope="find", palette=False, priority=True)

PROMPT_ACTIONS: tuple[Action, ...] = (
    Action(
        "page-up",
        "screen.do('scrolling.by_pages', -1)",
        "pageup",
        "prompt",
        priority=True,
        palette=False,
    ),
    Action(
        "page-down",
        "screen.do('scrolling.by_pages', 1)",
        "pagedown",
        "prompt",
        priority=True,
        palette=False,
    ),
    _prompt(
        "earlier-prompt",
        "screen.do('writing.recall', -1)",
        "ctrl+up,alt+up",
        palette=False,
    ),
    _prompt(
        "later-prompt",
        "screen.do('writing.recall', 1)",
        "ctrl+down,alt+down",
        palette=False,
    ),
    _prompt("edit-outside", "screen.do('outside.edit_prompt')", "f4", leader="g"),
    _prompt("open-paste", "screen.do('writing.open_paste')", "f3", leader="O"),
    _prompt("prompt-library", "screen.do('writing.show_library')", "ctrl+l", leader="."),
    _prompt("show-queue", "screen.do('queueing.focus')", leader="Q", needs="queueing.waiting"),
    _queue("queue-edit", "screen.do('queueing.edit')", "e,enter", hint=True),
    _queue("queue-delete", "screen.do('queueing.delete')", "d,delete", hint=True),
    _queue("queue-send", "screen.do('queueing.send')", "s", hint=True),
    _queue("queue-up", "screen.do('queueing.move', -1)", "K,shift+up", hint=True),
    _queue("queue-down", "screen.do('queueing.move', 1)", "J,shift+down", hint=True),
    _queue("queue-next", "screen.do('queueing.step', 1)", "j,down"),
    _queue("queue-previous", "screen.do('queueing.step', -1)", "k,up"),
    _find("find-next", "screen.do('finding.move', 1)", "enter,down", hint=True),
    _find("find-previous", "screen.do('finding.move', -1)", "up,shift+enter", hint=True),
)
"""In the order in which help and palette show them."""
