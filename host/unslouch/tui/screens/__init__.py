"""The dashboard's main screen, and the dialogs over it."""
