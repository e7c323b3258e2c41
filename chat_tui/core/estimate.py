"""How many tokens a text may have, told at once and without a vocabulary; what comes with it.

It is good to about a quarter either way, which is enough to see how long a draft becomes.
"""

PER_MESSAGE = 4
"""What each message costs besides its words: three, and its role, a token in each vocabulary."""

PRIMING = 3
"""What each request costs besides its messages: the beginning of the reply, which the server adds.
"""

PER_PICTURE = 1200
"""What a picture is taken for where no rule is published."""

_ASCII_PER_TOKEN = 4
"""Characters of English text, and of most code, that a token has on average."""

_BYTES_PER_TOKEN = 3
"""Bytes of UTF-8 of a token in all other scripts: a Chinese character is about one token, a
Cyrillic, Greek or Arabic letter about two thirds of one, an emoji somewhat more than one."""


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has; 0 for an empty one, and never 0 for another.

    It takes some microseconds for 100 KB of ASCII and under a millisecond for any other text of
    that length, so that it can be told after every key.
    """
    if text.isascii():
        return -(-len(text) // _ASCII_PER_TOKEN)
    plain = len(text.encode("ascii", "ignore"))
    others = len(text.encode("utf-8", "surrogatepass")) - plain
    return tokens_of(plain, others)


def tokens_of(plain: int, others: int) -> int:
    """The same of a text that is known by its length alone.

    Args:
        plain: characters of ASCII.
        others: bytes of UTF-8 of all other characters.
    """
    return -(-plain // _ASCII_PER_TOKEN) + -(-others // _BYTES_PER_TOKEN)
