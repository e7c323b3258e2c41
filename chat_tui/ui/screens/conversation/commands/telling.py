"""Which commands name those who answered."""

TELLING = frozenset(
    {
        "branches.show",
        "comparing.export",
        "context.screens.inspect",
        "copying.copy_conversation",
        "outside.edit_conversation",
        "outside.edit_message",
        "outside.page_conversation",
        "outside.page_message",
        "sides.models.leave",
        "sides.models.remove",
        "sides.settings.edit_parameters",
        "sides.settings.edit_system_prompt",
        "workbench.show_parameters",
        "workbench.show_raw",
    }
)
"""They ask first while nobody is to know."""
