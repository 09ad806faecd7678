"""Replays recorded days through the firmware's detector, to find settings that suit the wearer."""
