"""Widgets that know neither disk nor network."""
