"""What a picture's file says of itself, and what asks the other process to decode it."""
