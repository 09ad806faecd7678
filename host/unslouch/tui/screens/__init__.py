"""What the dashboard shows: its one screen, and the dialogs before it."""
