"""The raw view: what went over the wire."""
