"""The process that counts: `python -m chat_tui.tokens.worker`.

It reads one request a line from its standard input, `{"encoding": …, "texts": […]}`, and answers
each with a line of counts, `[…]`. A vocabulary is loaded when it is first asked for. It ends with
its input, and so with the app, however that ends; what goes wrong ends it as well.
"""

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, BinaryIO

from chat_tui.tokens.cutting import pieces
from chat_tui.tokens.encodings import get_encoding

if TYPE_CHECKING:
    from tiktoken import Encoding


def count_tokens(encoding: "Encoding", text: str) -> int:
    """The tokens of a text; names of special tokens in it are text as any other."""
    return sum(len(encoding.encode_ordinary(piece)) for piece in pieces(text))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        request = json.loads(line)
        encoding = get_encoding(request["encoding"])
        counts = [count_tokens(encoding, text) for text in request["texts"]]
        answers.write(json.dumps(counts).encode() + b"\n")
        answers.flush()


def main() -> None:
    """Serve on the standard streams."""
    # The key that stops an answer is no reason to stop counting.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # taking the vocabularies down in order would take as long as loading them


if __name__ == "__main__":
    main()
