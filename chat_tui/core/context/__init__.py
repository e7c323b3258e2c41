"""What of a conversation is sent: weighed, planned, shortened where it must be, and told."""
