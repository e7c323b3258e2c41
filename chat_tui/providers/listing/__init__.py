"""Which models and local servers there are, and whether one can be talked to."""
