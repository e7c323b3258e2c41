"""What servers say when they say no, in words, and what follows from it."""
