"""The daily posture log as a file."""
