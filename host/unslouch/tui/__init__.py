"""The dashboard: what the sensor says now and what today has been, in a terminal."""
