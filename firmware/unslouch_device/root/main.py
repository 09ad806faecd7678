"""What the board starts after boot.py: the app."""

from unslouch_device.start import start

start()
