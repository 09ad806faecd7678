"""Register-level models of the chips that the firmware drives."""
