"""Prints the version of the MicroPython that runs it, and fails under one that is older than the firmware supports."""

import sys

OLDEST = (1, 25)

version = sys.implementation.version[:3]
if sys.implementation.name != "micropython" or version < OLDEST:
    print("%s %s, and the firmware needs MicroPython >= %s" % (sys.implementation.name, version, OLDEST))
    sys.exit(1)
print("%d.%d.%d" % version)
