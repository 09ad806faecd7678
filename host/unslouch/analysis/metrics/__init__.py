"""The metrics of a day: one object each, registered in `registry`.

Below each metric stands an example that is worked by hand. `tilted`, `lived`, `values` and the other names in it are
those of tests/analysis/metric_examples.py, and a test runs them all.
"""
