"""Sizes of windows and prompts in the words of every server that was seen to name them."""

import pytest

from chat_tui.core.errors import BadRequestError, ContextError
from chat_tui.providers.failures.errors import Peer, status_error
from chat_tui.providers.failures.windows import prompt_in, window_in

WORDINGS = [
    (
        8192,
        (
            "This model's maximum context length is 8192 tokens. However, your messages"
            " resulted in 8545 tokens."
        ),
    ),
    (
        8191,
        (
            "This model's maximum context length is 8191 tokens, however you requested "
            "10346 tokens (10346 in your prompt; 5 for the completion)."
        ),
    ),
    (
        4096,
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's "
            "maximum context length is 4096 tokens and your request has 31 input tokens"
        ),
    ),
    (
        4096,
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    ),
    (200000, "prompt is too long: 214315 tokens > 200000 maximum"),
    (
        200000,
        (
            "input length and `max_tokens` exceed context limit: 188240 + 21333 > "
            "200000, decrease input length"
        ),
    ),
    (
        1048575,
        ("The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)."),
    ),
    (
        32768,
        (
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with "
            "32768 maximum context length"
        ),
    ),
    (
        4096,
        "the request exceeds the available context size (4096 tokens), try increasing it",
    ),
    (
        4096,
        (
            "request (5000 tokens) exceeds the available context size (4096 tokens), "
            "try increasing it"
        ),
    ),
    (2048, "Requested tokens (5000) exceed context window of 2048"),
    (
        4096,
        (
            "However, the model is loaded with context length of only 4096 tokens, "
            "which is not enough"
        ),
    ),
    (
        131072,
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    ),
    (
        4081,
        (
            "too many tokens: total number of tokens in the prompt cannot exceed 4081 -"
            " received 5000"
        ),
    ),
    (131071, "The prompt is too long: 300000, model maximum context length: 131071"),
    (8192, "Current length is 10000 while limit is 8192"),
    (8192, "Your request exceeded model token limit: 8192 (requested: 9000)"),
    (30720, "Range of input length should be [1, 30720]"),
    (8000, "Request body too large for gpt-4o model. Max size: 8000 tokens."),
    (
        8193,
        (
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
            "8193. Given: 5000 `inputs` tokens"
        ),
    ),
    (1024, "`inputs` must have less than 1024 tokens. Given: 1500"),
    (
        8192,
        "The input (10000 tokens) is longer than the model's context length (8192 tokens).",
    ),
    (
        272000,
        (
            "Input tokens exceed the configured limit of 272,000 tokens. Your messages "
            "resulted in 300,000 tokens."
        ),
    ),
    (
        8192,
        (
            "Requested token count exceeds the model's maximum context length of 8192 "
            "tokens. You requested a total of 9000"
        ),
    ),
    (4096, "exceeds n_ctx: 4096"),
    (
        200000,
        (
            "This endpoint's maximum context length is 200000 tokens. However, you "
            "requested about 300000 tokens (295000 of text input, 5000 in the output)."
        ),
    ),
    (
        None,
        ("Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 10000"),
    ),
    (None, "Please reduce the length of the messages or completion."),
    (None, "maximum context length is 0 tokens"),
    (None, ""),
    (None, "maximum context length is " + "9" * 5000),
    (None, "The context window was exceeded by 90%."),
]


@pytest.mark.parametrize(("window", "words"), WORDINGS, ids=range(len(WORDINGS)))
def test_a_window_is_read_where_the_words_name_one(window: int | None, words: str) -> None:
    assert window_in(words) == window


@pytest.mark.parametrize("window", sorted({window for window, _ in WORDINGS if window}))
def test_a_refusal_that_names_the_window_is_about_the_context(window: int) -> None:
    for named, words in WORDINGS:
        if named == window and "too large: 5000" not in words:
            error = status_error(400, {}, words.encode(), Peer("Test", "api.test", "m"))
            assert isinstance(error, ContextError), words
            assert error.window == window, words


@pytest.mark.parametrize(
    "words",
    [
        "'max_tokens' is too large: 5000. This model's maximum context length is 4096 tokens",
        "max_tokens is beyond the output token limit: 8192",
    ],
)
def test_a_limit_of_the_reply_that_is_too_large_is_no_context_error(words: str) -> None:
    error = status_error(400, {}, words.encode(), Peer("Test", "api.test", "m"))
    assert isinstance(error, BadRequestError)


PROMPTS = [
    (8545, "However, your messages resulted in 8545 tokens."),
    (10346, "However you requested 10346 tokens (10346 in your prompt; 5 for the completion)."),
    (4123, "However, you requested 5123 tokens (4123 in the messages, 1000 in the completion)."),
    (5123, "However, your request has 5123 input tokens. Please reduce the length."),
    (4097, "your prompt contains at least 4097 input tokens, for a total of at least 4197"),
    (5000, "The decoder prompt (length 5000) is longer than the maximum model length of 4096."),
    (214315, "prompt is too long: 214315 tokens > 200000 maximum"),
    (188240, "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000"),
    (1196265, "The input token count (1196265) exceeds the maximum number of tokens allowed (10)."),
    (40000, "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768"),
    (5000, "request (5000 tokens) exceeds the available context size (4096 tokens)"),
    (5000, "Requested tokens (5000) exceed context window of 2048"),
    (5123, "Trying to keep the first 5123 tokens when context the overflows."),
    (537812, "maximum prompt length is 131072 but the request contains 537812 tokens."),
    (5000, "total number of tokens in the prompt cannot exceed 4081 - received 5000"),
    (300000, "The prompt is too long: 300000, model maximum context length: 131071"),
    (10000, "Current length is 10000 while limit is 8192"),
    (5000, "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 5000 `inputs` tokens"),
    (10000, "The input (10000 tokens) is longer than the model's context length (8192 tokens)."),
    (300000, "the configured limit of 272,000 tokens. Your messages resulted in 300,000 tokens."),
    (295000, "you requested about 300000 tokens (295000 of text input, 5000 in the output)."),
    (8000, "requested 9000 tokens: 8000 tokens from the input messages and 1000 tokens for the"),
    (None, "Your request exceeded model token limit: 8192 (requested: 9000)"),
    (None, "the request exceeds the available context size (4096 tokens), try increasing it"),
    (None, "Range of input length should be [1, 30720]"),
    (None, "Limit 6000 tokens per minute, your request has 10000 tokens"),
    (None, "your messages resulted in " + "9" * 5000 + " tokens"),
    (None, ""),
]


@pytest.mark.parametrize(("prompt", "words"), PROMPTS, ids=range(len(PROMPTS)))
def test_size_of_the_prompt_is_read_where_the_words_tell_it(prompt: int | None, words: str) -> None:
    assert prompt_in(words) == prompt


@pytest.mark.parametrize(
    "said",
    [
        b'{"type": "exceed_context_size_error", "n_ctx": 4096, "n_prompt_tokens": 5000}',
        b"Maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
    ],
)
def test_refusal_tells_the_size_of_its_prompt(said: bytes) -> None:
    error = status_error(400, {}, said, Peer("Test", "api.test", "m"))

    assert isinstance(error, ContextError)
    assert (error.window, error.prompt) == (4096, 5000)
