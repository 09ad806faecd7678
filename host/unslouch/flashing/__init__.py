"""Installing the firmware on a board: compile, pack, copy what changed, switch, and see that it runs."""
