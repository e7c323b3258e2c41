"""Times as people read them."""

from datetime import date, datetime

from chat_tui.core.dates import time_of_day


def test_date_is_told_where_it_is_another_day() -> None:
    when = datetime(2026, 3, 4, 5, 6)
    assert time_of_day(when.timestamp(), date(2026, 3, 4)) == "05:06"
    assert time_of_day(when.timestamp(), date(2026, 3, 5)) == "2026-03-04 05:06"
