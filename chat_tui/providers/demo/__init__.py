"""The demo provider: answers in the wire format of the others, without a network."""
