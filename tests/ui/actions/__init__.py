"""What each action does, by keyboard alone: a table of scenarios that every keymap goes through."""
