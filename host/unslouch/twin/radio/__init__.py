"""The radio without a radio: the air within one process, a board's Bluetooth stack, and a backend for bleak."""
