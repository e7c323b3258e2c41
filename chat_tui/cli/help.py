"""What `--help` tells below the options."""

EPILOG = """\
examples:
  chat-tui                                   chat; a demo until there is a key
  chat-tui --resume                          go on with the newest conversation
  chat-tui --base-url http://localhost:8080  talk to a server of your own
  chat-tui ask "What is a monad?"            one answer, on standard output
  git diff | chat-tui ask "Review this"      with text from a pipe
  chat-tui ask "What is this?" -i photo.jpg  with a picture
  chat-tui models vision '$<1'               models that see and cost little

environment:
  OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, …
                      keys; the first one that is set decides whom to ask
  CHAT_TUI_HOME       one folder for config, data, state and cache
  CHAT_TUI_DISCOVERY  0: do not look for a server on this machine
  CHAT_TUI_GRAPHICS   kitty, sixel or blocks: how pictures are previewed
  NO_COLOR            no colours

`chat-tui doctor` shows the folders, whom it would ask, and what is wrong.
"""

ASK = """\
Ask once and print the answer. Text from a pipe or a file on standard input is
added to the prompt after a blank line; a picture or a document is attached.
Standard output holds the answer alone; everything else goes to standard error.
"""

ASK_EPILOG = """\
examples:
  chat-tui ask "Name three rivers"
  chat-tui ask -c "And the longest of them?"
  chat-tui ask --demo --json "hello" | jq .usage
  chat-tui ask -m gpt-4o-mini -m gpt-4o --json "Say hi"
  chat-tui ask --base-url https://api.example.com --api-key-env MY_KEY "hello"
  chat-tui ask -p temperature=0.2 -p seed=7 -p 'stop=["END", "###"]' "Go on"
  chat-tui ask -c -p temperature= "And without a temperature?"
  chat-tui ask -p 'extra={"top_k": 40}' "What else the provider takes"
  chat-tui ask --json-mode "Three rivers as JSON"
  chat-tui ask --schema rivers.json "Three rivers"
  chat-tui ask "What is this?" -i photo.jpg --detail low
  chat-tui ask "Explain" -f notes.pdf -f 'src/**/*.py' --max-chars 20000
  pdftoppm -r 80 -png -singlefile a.pdf | chat-tui ask "What is drawn here?"

parameters (objects and lists as JSON; they stay with the conversation):
  max_tokens, temperature, top_p, reasoning_effort, n, stop, seed,
  response_format, presence_penalty, frequency_penalty, tools, tool_choice,
  parallel_tool_calls, logprobs, top_logprobs, logit_bias, user, stream,
  stream_options, extra

context: policy and history stay with the conversation, too. What is not sent is
told on standard error, and is `context` of the JSON object. Where what must be
sent does not fit, nothing is sent and nothing is stored: exit code 5.
  chat-tui ask -c --context-policy compact "Go on"
  chat-tui ask -c --max-history 20 --window 8192 "Go on"

exit codes:
  0  an answer, whole or cut by its token limit (finish_reason tells)
  1  interrupted, any other failure 5  too large for the server or the model
  2  wrong usage or configuration   6  rate limit, quota
  3  key refused                    7  no connection
  4  no such model or address       130, 143  stopped by SIGINT, SIGTERM
                                    141  standard output was closed
"""

MODELS = """\
List the models that prompts can be sent to: favourites, those used last, the
others. Prices are in US dollars for a million tokens. What is kept of lists is
shown; only a provider that is named, or that prompts would go to, is asked, and
only where nothing of its list is kept.
"""

MODELS_EPILOG = """\
words are looked for in names and providers, fuzzily; these are conditions:
  vision tools json reasoning   it can do that
  free fav recent               costs nothing; a favourite; used before
  @openai                       of this provider
  '>100k' '<1m'                 its window, at least and at most
  '$<2'                         so many dollars for a million tokens in, at most
  -vision -preview              it cannot; its name does not hold this

examples:
  chat-tui models son
  chat-tui models --for code --effort high
  chat-tui models vision tools '>200k' --sort price
  chat-tui models --provider openrouter --refresh --json

marks: * a favourite, ? no list has it, - taken away, x nothing to chat with
"""
