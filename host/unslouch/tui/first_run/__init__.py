"""The first run: one widget for each step; screens.first_run leads through them."""
