"""The simulated past: weeks that the demo's wearer has lived before the demo, as a journal in the database."""
