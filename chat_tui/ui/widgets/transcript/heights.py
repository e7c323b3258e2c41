"""Prefix sums that can change: where each of many messages begins, in O(log n)."""

from collections.abc import Iterable


class Heights:
    """The heights of a column of things, in lines (a Fenwick tree).

    Args:
        heights: the first heights.
    """

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights: list[int] = list(heights)
        self._sums = [0, *self._heights]
        for index in range(1, len(self._sums)):
            above = index + (index & -index)
            if above < len(self._sums):
                self._sums[above] += self._sums[index]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    @property
    def total(self) -> int:
        """All heights together."""
        return self.start_of(len(self._heights))

    def start_of(self, index: int) -> int:
        """The line at which a thing begins; of one past the last: the total."""
        total = 0
        while index:
            total += self._sums[index]
            index &= index - 1
        return total

    def at(self, line: int) -> tuple[int, int]:
        """The thing that a line falls into, and the line within it.

        Lines before the first or past the last thing fall into that one.
        """
        if not self._heights:
            raise IndexError("there are no heights")
        line = max(line, 0)
        index, rest = 0, line
        step = 1 << (len(self._heights).bit_length() - 1)
        while step:
            after = index + step
            if after < len(self._sums) and self._sums[after] <= rest:
                index, rest = after, rest - self._sums[after]
            step >>= 1
        if index == len(self._heights):
            index -= 1
            rest += self._heights[index]
        return index, rest

    def set(self, index: int, height: int) -> int:
        """Change a height; gives by how much."""
        delta = height - self._heights[index]
        if delta:
            self._heights[index] = height
            at = index + 1
            while at < len(self._sums):
                self._sums[at] += delta
                at += at & -at
        return delta

    def append(self, height: int) -> None:
        """Add a thing at the end."""
        self._heights.append(height)
        end = len(self._heights)
        first = end - (end & -end)
        self._sums.append(self.start_of(end - 1) - self.start_of(first) + height)

    def truncate(self, length: int) -> None:
        """Keep the first things only."""
        del self._heights[length:]
        del self._sums[length + 1 :]
