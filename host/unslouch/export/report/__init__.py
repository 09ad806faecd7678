"""The report: a day, week, month or year as one HTML file that needs nothing else."""
