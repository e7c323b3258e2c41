"""What servers send, read: bytes, events, chunks, whole replies."""
