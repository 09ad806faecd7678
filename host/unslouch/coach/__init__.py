"""The coach: which exercise to suggest, when, and why. Awareness, not treatment."""
