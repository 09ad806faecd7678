"""The sensor without a sensor: the firmware on simulated chips, a simulated flash and a simulated wearer."""
