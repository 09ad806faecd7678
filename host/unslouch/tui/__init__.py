"""The dashboard: the present posture, recorded days, exercises and the sensor, in a terminal."""
