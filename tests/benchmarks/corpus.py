"""The text of the measurements: mixed markdown in small deltas, the same every time."""

import random

_SECTION = """
## Section {n}: what a chat answer looks like

Here is a paragraph with **bold words**, *emphasis*, `inline code` and a [link](https://example.org/{n}),
long enough to be wrapped on any terminal, followed by one in Chinese: **你好:**世界,这是一个测试。

- first item with some words in it
- second item
  - nested item {n}
- third item with `code`

```python
def fibonacci_{n}(count: int) -> list[int]:
    numbers = [0, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:count]
```

| name | value | note |
|------|------:|------|
| alpha | {n} | the first row |
| beta | {m} | the second row, with more words |

> A quotation that spans
> two lines.

1. one
2. two
3. three
"""


def deltas(count: int, seed: int = 7) -> list[str]:
    """Some mixed markdown in pieces of 1 to 7 characters (75 KB in 20,000)."""
    chance = random.Random(seed)
    pieces: list[str] = []
    section, rest = 0, ""
    while len(pieces) < count:
        if not rest:
            section += 1
            rest = _SECTION.format(n=section, m=section * 3)
        size = chance.choices((1, 2, 3, 4, 5, 6, 7), (10, 14, 20, 24, 16, 10, 6))[0]
        pieces.append(rest[:size])
        rest = rest[size:]
    return pieces
