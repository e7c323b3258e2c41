"""The domain. Imports the standard library only."""
