"""The screens, each with its look in the .tcss file beside it."""
