"""Choosing models: one picker for all that asks for one, or for several side by side."""
