"""unslouch: reads a wearable slouch sensor, shows its tilt live and writes the daily posture log."""

__version__ = "0.1.0"
