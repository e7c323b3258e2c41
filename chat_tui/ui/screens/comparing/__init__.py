"""The screens on which answers are compared: differences, figures, votes, merging, exporting."""
