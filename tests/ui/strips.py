"""What stands on the screen of an app, line by line."""

from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip


def strips_of(app: App[None]) -> list[Strip]:
    """What stands on the screen, with the screens that shine through.

    Without these Textual would keep, and show later on, what it drew without them.
    """
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()
