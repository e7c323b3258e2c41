"""The providers of many rows, as they are searched for."""

from collections.abc import Sequence

from chat_tui.core.picking.names import Word, provider_cost, spread, vendor_of
from chat_tui.core.picking.rows import ModelRow


class Providers:
    """The providers of rows, with vendors: few, so that a word is looked for once in each."""

    def __init__(self, rows: Sequence[ModelRow]) -> None:
        known: dict[tuple[str, str, str], int] = {}
        self._rows_of: dict[str, Sequence[int]] = {}
        self.of_row = [
            known.setdefault(
                (row.place.provider, row.label, vendor_of(row.place.model)), len(known)
            )
            for row in rows
        ]
        """The number of each row's provider."""
        self._names = [[spread(name) for name in names if name] for names in known]
        self._places = list(known)

    def rows_of(self, provider: str) -> Sequence[int]:
        """The rows of a provider; none for none."""
        if not provider:
            return ()
        if provider not in self._rows_of:
            its = {number for number, place in enumerate(self._places) if place[0] == provider}
            found = [row for row, number in enumerate(self.of_row) if number in its]
            self._rows_of[provider] = found if its else ()
        return self._rows_of[provider]

    def costs(self, word: Word) -> list[int | None]:
        """What a fit in each of them costs; None where there is none."""
        return [provider_cost(word, names) for names in self._names]
