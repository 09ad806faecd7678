"""Sharing a linked sensor with the same user's other programs."""
