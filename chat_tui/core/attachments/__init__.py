"""What is attached to prompts, and comes with replies: pictures and documents, as values."""
