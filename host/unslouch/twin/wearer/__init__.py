"""Who wears the simulated sensor: a scripted day or a recording."""
