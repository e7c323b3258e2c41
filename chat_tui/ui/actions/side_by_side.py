"""The actions of several models side by side."""

from functools import partial

from chat_tui.ui.actions.action import Action

_about = partial(Action, about="columns")
_both = partial(_about, needs="sides.on")
_reads = partial(Action, scope="transcript", palette=False, needs="sides.on")

SIDE_BY_SIDE_ACTIONS: tuple[Action, ...] = (
    _about(
        "side-by-side",
        "screen.do('sides.choose_models')",
        "f8",
        leader="|",
        slash="compare,side-by-side",
    ),
    _both("leave-side-by-side", "screen.do('sides.models.leave')", leader="1", slash="alone"),
    _about("add-model", "screen.do('sides.models.add')", leader="I", slash="add-model"),
    _both("remove-model", "screen.do('sides.models.remove')", leader="D"),
    _about("model-sets", "screen.do('sides.models.show_sets')", leader=";", slash="sets"),
    _both("column-parameters", "screen.do('sides.settings.edit_parameters')", leader="H"),
    _both("column-system-prompt", "screen.do('sides.settings.edit_system_prompt')", leader="J"),
    _both(
        "sharing",
        "screen.do('sides.settings.next_sharing')",
        "f10",
        leader="&",
        slash="sharing",
    ),
    _both("at-once", "screen.do('sides.settings.choose_at_once')", leader="#", slash="at-once"),
    _both("stop-column", "screen.do('sides.answers.stop_one')", leader="X"),
    _both("stop-all", "screen.do('sides.answers.stop_all')", leader="!"),
    _both(
        "retry-failed",
        "screen.do('sides.answers.retry_failed')",
        leader="R",
        slash="retry-failed",
    ),
    _both("use-answer", "screen.do('sides.answers.use')", leader="=", slash="use"),
    _both("zoom-column", "screen.do('columns.zoom')", "f9", leader="0", slash="zoom"),
    _both("next-column", "screen.do('columns.move', 1)", "alt+right", leader=")", palette=False),
    _both(
        "previous-column", "screen.do('columns.move', -1)", "alt+left", leader="(", palette=False
    ),
    _both("sync-scrolling", "screen.do('columns.toggle_synced')", leader="%"),
    _about("diff-answers", "screen.do('comparing.diff')", leader="~", slash="diff"),
    _about("answer-figures", "screen.do('comparing.figures')", leader="$", slash="figures"),
    _both("blind", "screen.do('comparing.toggle_blind')", leader="?", slash="blind"),
    _both("vote", "screen.do('comparing.vote')", leader=":", slash="vote"),
    _about("standings", "screen.do('comparing.standings')", leader="_", slash="standings"),
    _about("merge-answers", "screen.do('comparing.merge')", leader="{", slash="merge"),
    _about("export-comparison", "screen.do('comparing.export')", leader="}"),
    _reads("use-answer-reading", "screen.do('sides.answers.use')", "equals_sign"),
    _reads("zoom-column-reading", "screen.do('columns.zoom')", "0"),
    _reads("sharing-reading", "screen.do('sides.settings.next_sharing')", "ampersand"),
    _reads("stop-column-reading", "screen.do('sides.answers.stop_one')", "X"),
    _reads("vote-reading", "screen.do('comparing.vote')", "V"),
    _reads("diff-reading", "screen.do('comparing.diff')", "tilde"),
    _reads("next-column-reading", "screen.do('columns.move', 1)", "right_parenthesis"),
    _reads("previous-column-reading", "screen.do('columns.move', -1)", "left_parenthesis"),
    *(
        _reads(f"column-{number}", f"screen.do('columns.go_to', {number})", str(number))
        for number in range(1, 7)
    ),
)
"""In the order in which help and hints show them."""
