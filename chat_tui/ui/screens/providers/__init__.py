"""The Providers screen: a list, a form, the connection test, lists of models."""
