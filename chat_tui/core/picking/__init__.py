"""Choosing a model: what there is, what fits the words that were typed, what suits a task."""
