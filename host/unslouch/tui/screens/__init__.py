"""The screens of the dashboard: a mode each, the dialogs over them, and the first steps."""
