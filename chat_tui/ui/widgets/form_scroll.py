"""What a form scrolls in."""

from textual.containers import VerticalScroll


class FormScroll(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls to the field with the focus and takes no keys: up and down go through the fields."""
