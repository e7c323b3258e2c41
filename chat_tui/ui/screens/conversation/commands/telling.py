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
        "sides.settings.edit_parameters",
        "sides.settings.edit_system_prompt",
        "sides.models.remove",
        "workbench.show_raw",
    }
)
"""They ask first while nobody is to know."""
