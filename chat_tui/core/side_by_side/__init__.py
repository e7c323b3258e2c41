"""Several models answer the same prompts: which answers each is told, and what comes of comparing.

`board` is what is kept of it with a conversation, `threads` what each column shows and each model
is told, `rounds` runs them; `diff`, `figures`, `votes` and `merging` compare.
"""
