"""Several models answer the same prompts: which answers each is told, and what comes of comparing.

`board` is what is kept of it with a conversation, `sides` changes that and begins rounds, `rounds`
runs them, `threads` tells what each column shows and each model is told; `diff`, `figures`, `votes`
and `merging` compare.
"""
