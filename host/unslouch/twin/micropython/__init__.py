"""The twin's firmware in a real MicroPython, behind two pipes."""
