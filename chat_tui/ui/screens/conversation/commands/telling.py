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
        "sides.edit_parameters",
        "sides.edit_system_prompt",
        "sides.remove",
        "workbench.show_raw",
    }
)
"""They ask first while nobody is to know."""
