"""A seeded random walk through the real app, by keyboard, over a real database."""
