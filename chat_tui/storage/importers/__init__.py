"""One reader per format; each ends in a report of what was and was not taken over."""
