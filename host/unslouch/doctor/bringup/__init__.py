"""Bring-up: the numbered checks that only a real board can answer, and the report of who saw what."""
