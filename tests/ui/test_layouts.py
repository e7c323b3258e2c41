"""Each widget is told its size, whoever asked for places before it was laid out."""

import pytest
from textual.app import ComposeResult
from textual.widgets import Static

from chat_tui.ui.screens.modal import Dialog
from tests.ui.host import hosting


class _Sized(Static):
    told = 0

    def on_resize(self) -> None:
        self.told = self.size.width


class _Screen(Dialog[None]):
    def compose(self) -> ComposeResult:
        yield Static("above", id="above")
        hidden = _Sized("below")
        hidden.styles.width, hidden.styles.offset = 20, (5, 0)
        hidden.display = False
        yield hidden


@pytest.mark.parametrize("asked", [False, True])
async def test_what_is_shown_is_told_its_size(asked: bool) -> None:
    async with hosting(_Screen()) as host:
        above, hidden = host.screen.query_one("#above"), host.screen.query_one(_Sized)
        assert hidden.told == 0
        if asked:
            # It wants to be drawn while it is not there: the map of places counts as old then.
            host.screen._compositor.update_widgets({hidden})
        hidden.display = True
        assert above.region
        await host.pilot.pause()
        assert hidden.told == hidden.size.width > 0


async def test_what_is_taken_away_is_not_drawn_between_two_layouts() -> None:
    async with hosting(_Screen()) as host:
        assert "above" in host.drawn()
        above, screen = host.screen.query_one("#above"), host.screen
        above._detach()
        assert "above" not in host.drawn()
        above._attach(screen)


async def test_what_was_drawn_between_two_layouts_and_is_gone_is_drawn_over() -> None:
    async with hosting(_Screen()) as host:
        above, hidden = host.screen.query_one("#above"), host.screen.query_one(_Sized)
        compositor = host.screen._compositor
        compositor.update_widgets({hidden})
        hidden.display = True
        assert above.region
        there = compositor.visible_widgets[hidden][0]
        # Its lines are cut where it stands now: else nothing of it would be drawn.
        assert "below" in host.drawn()
        hidden.display = False
        compositor._dirty_regions.clear()
        compositor.reflow(host.screen, host.screen.size)
        assert there in compositor._dirty_regions


async def test_what_was_not_there_between_two_layouts_is_drawn_again() -> None:
    async with hosting(_Screen()) as host:
        above, hidden = host.screen.query_one("#above"), host.screen.query_one(_Sized)
        compositor = host.screen._compositor
        there = above.region
        compositor.update_widgets({hidden})
        above.display = False
        assert above not in compositor.full_map
        assert "above" not in host.drawn()
        above.display = True
        compositor._dirty_regions.clear()
        compositor.reflow(host.screen, host.screen.size)
        assert there in compositor._dirty_regions
