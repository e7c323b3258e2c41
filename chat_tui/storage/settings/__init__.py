"""The settings file: read whole, and changed without touching the rest of it."""
