"""Bluetooth LE: a transport, the devices around, and what can go wrong."""
