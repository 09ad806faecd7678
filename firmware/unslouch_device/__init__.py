"""The firmware of the unslouch sensor, and the contract that its host shares."""

VERSION = (0, 1, 0)
MAIN_EDITION = 3  # of root/main.py, the earliest that starts this firmware as it should
