"""Disk: paths, the SQLite store, the settings file, importers and exporters."""
