"""The actions of the screens over the conversation. The last hint of each is the way out."""

from functools import partial

from chat_tui.ui.actions.action import Action

_action = partial(Action, palette=False)
_hint = partial(_action, hint=True)

SCREEN_ACTIONS: tuple[Action, ...] = (
    _hint("parameters-apply", "screen.apply", "ctrl+s", "parameters", priority=True),
    _hint(
        "parameters-send-again",
        "screen.send_again",
        "ctrl+r",
        "parameters",
        priority=True,
        needs="on_left_out",
    ),
    _hint("parameters-clear", "screen.clear_row", "ctrl+l", "parameters", priority=True),
    _hint("parameters-default", "screen.apply_as_default", "ctrl+d", "parameters", priority=True),
    _action("parameters-lines", "screen.edit_in_lines", "ctrl+e", "parameters", priority=True),
    _hint("parameters-leave", "screen.leave", "escape", "parameters", priority=True),
    _hint("value-keep", "screen.keep", "ctrl+s", "value", priority=True),
    _hint("value-leave", "screen.dismiss(None)", "escape", "value", priority=True),
    _hint("provider-use", "screen.use", "enter", "providers"),
    _hint("provider-add", "screen.add", "a", "providers"),
    _hint("provider-edit", "screen.edit", "e", "providers"),
    _hint("provider-test", "screen.test", "t", "providers"),
    _hint("provider-models", "screen.list_models", "m", "providers"),
    _hint("provider-delete", "screen.delete", "d,delete", "providers"),
    _action("provider-next", "screen.move(1)", "j", "providers"),
    _action("provider-previous", "screen.move(-1)", "k", "providers"),
    _hint("providers-back", "screen.back", "escape,q", "providers"),
    _hint("form-save", "screen.save", "ctrl+s", "form", priority=True),
    _hint("form-test", "screen.test", "ctrl+t", "form", priority=True),
    _hint("form-leave", "screen.leave", "escape", "form", priority=True),
    _hint("models-take", "screen.take", "enter", "models"),
    _hint("models-refresh", "screen.refresh_list", "ctrl+r", "models", priority=True),
    _action("models-next", "screen.move(1)", "down,ctrl+n", "models", priority=True),
    _action("models-previous", "screen.move(-1)", "up,ctrl+p", "models", priority=True),
    _action("models-page-down", "screen.move(10)", "pagedown", "models", priority=True),
    _action("models-page-up", "screen.move(-10)", "pageup", "models", priority=True),
    _hint("models-leave", "screen.dismiss(None)", "escape", "models"),
    _hint("test-again", "screen.run_again", "r,t", "test"),
    _hint("test-back", "screen.dismiss(None)", "escape,q,enter", "test"),
    _hint(
        "raw-next-page",
        "screen.turn_page(1)",
        "right,tab",
        "raw",
        priority=True,
        needs="has_exchanges",
    ),
    _action("raw-previous-page", "screen.turn_page(-1)", "left,shift+tab", "raw", priority=True),
    _hint(
        "raw-earlier", "screen.show_attempt(-1)", "left_square_bracket", "raw", needs="has_attempts"
    ),
    _action("raw-later", "screen.show_attempt(1)", "right_square_bracket", "raw"),
    _hint("raw-curl", "screen.copy_curl", "c", "raw", needs="has_exchanges"),
    _hint("raw-copy-request", "screen.copy_request", "r", "raw", needs="has_exchanges"),
    _hint("raw-copy-answer", "screen.copy_answer", "a", "raw", needs="has_exchanges"),
    _hint("raw-copy-page", "screen.copy_page", "y", "raw"),
    _action("raw-request", "screen.show_page('request')", "1", "raw"),
    _action("raw-answer", "screen.show_page('answer')", "2", "raw"),
    _action("raw-timings", "screen.show_page('timings')", "3", "raw"),
    _action("raw-stored", "screen.show_page('reply')", "4", "raw"),
    _action("raw-down", "focused.scroll_down", "j", "raw"),
    _action("raw-up", "focused.scroll_up", "k", "raw"),
    _action("raw-page-down", "focused.page_down", "space", "raw"),
    _action("raw-start", "focused.scroll_home", "g", "raw"),
    _action("raw-end", "focused.scroll_end", "G", "raw"),
    _hint("raw-back", "screen.dismiss(None)", "escape,q", "raw"),
)
"""In the order in which help and hints show them."""
