"""The terminal interface. Textual is imported here and nowhere else."""
