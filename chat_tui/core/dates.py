"""Times as people read them, whatever number stands in a file."""

from datetime import date, datetime

_LATEST = 253_370_764_800.0
"""1 January 9999: later years have no calendar."""


def local_time(seconds: float) -> datetime:
    """The local date and time of seconds since 1970; what no calendar has becomes its nearest."""
    if seconds != seconds:  # NaN
        seconds = 0.0
    return datetime.fromtimestamp(min(max(seconds, 0.0), _LATEST))


def time_of_day(seconds: float, today: date) -> str:
    """The local time in hours and minutes, with the date before it where that is not today's."""
    when = local_time(seconds)
    return when.strftime("%H:%M" if when.date() == today else "%Y-%m-%d %H:%M")
