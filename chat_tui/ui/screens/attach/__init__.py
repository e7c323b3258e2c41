"""Attaching pictures: a tree of folders, a preview, what each one weighs and what is sent."""
