"""One writer per format; none writes a key, a header or a control character."""
