"""What the keys of the conversation screen do, a file for each kind of thing."""
