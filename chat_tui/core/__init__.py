"""The domain. Imports pydantic and the standard library only."""
