"""Keeping one sensor at work, for every face alike."""
