"""The metrics of a day: one object each, registered in `registry`."""
