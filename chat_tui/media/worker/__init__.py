"""The process in which hostile files are decoded. Pillow is imported nowhere else in this room."""
