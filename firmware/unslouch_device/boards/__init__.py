"""One file per board: pins, chips, battery, motor, and nothing else."""
