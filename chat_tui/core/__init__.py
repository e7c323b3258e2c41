"""The domain. Imports the standard library only (pydantic may, at its edges)."""
