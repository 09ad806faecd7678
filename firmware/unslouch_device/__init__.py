"""The firmware of the unslouch sensor, and the contract that its host shares."""

VERSION = (0, 1, 0)
