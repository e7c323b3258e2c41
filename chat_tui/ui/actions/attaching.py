"""The actions that put pictures and documents into the prompt, and those of their dialogs."""

from functools import partial

from chat_tui.ui.actions.action import Action

_writing = partial(Action, about="writing")
_documents = partial(Action, scope="documents", palette=False)
_objections = partial(Action, scope="objections", palette=False, hint=True)

ATTACHING_ACTIONS: tuple[Action, ...] = (
    _writing(
        "attach",
        "screen.do('attaching.choose')",
        "alt+a",
        leader="@",
        # Before the text area, which writes the letter of a key with alt.
        priority=True,
        slash="attach,image",
    ),
    _writing(
        "attach-document",
        "screen.do('attaching.choose_document')",
        leader='"',
        slash="file,document",
    ),
    _writing(
        "attach-clipboard",
        "screen.do('attaching.take_clipboard')",
        "alt+v",
        leader="`",
        priority=True,
        slash="paste-image",
    ),
    _writing(
        "attach-address",
        "screen.do('attaching.choose_address')",
        leader="^",
        slash="url,attach-url",
    ),
    _writing("detach", "screen.do('attaching.detach')", leader="W"),
    _documents("documents-take", "screen.take", "enter", hint=True),
    _documents("documents-mark", "screen.mark", "space", hint=True),
    _documents("documents-mark-all", "screen.mark_all", "a", hint=True),
    _documents("documents-rule", "screen.next_rule", "r", hint=True),
    _documents("documents-limit", "screen.change_limit", "l", hint=True, needs="cuts"),
    _documents("documents-passed", "screen.show_passed", "p", hint=True, needs="passed_over"),
    _documents("documents-filter", "screen.filter", "slash", hint=True, needs="many"),
    _documents("documents-next", "screen.move(1)", "j,down"),
    _documents("documents-previous", "screen.move(-1)", "k,up"),
    _documents("documents-page-down", "screen.pages(1)", "pagedown"),
    _documents("documents-page-up", "screen.pages(-1)", "pageup"),
    _documents("documents-first", "screen.end(0)", "g,home"),
    _documents("documents-last", "screen.end(1)", "G,end"),
    _documents("documents-leave", "screen.dismiss(None)", "escape,q", hint=True),
    _objections("objections-send", "screen.go('send')", "ctrl+s"),
    _objections("objections-model", "screen.go('model')", "ctrl+t"),
    _objections("objections-take-out", "screen.go('take-out')", "x", needs="can_take_out"),
    _objections("objections-back", "screen.dismiss(None)", "escape,q"),
)
"""In the order in which help and palette show them."""
