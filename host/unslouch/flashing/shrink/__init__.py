"""Making the firmware small: constants, modules, unused code and names."""
