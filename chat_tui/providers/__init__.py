"""HTTP: all that talks to a server, and the demo provider that speaks the same format."""
