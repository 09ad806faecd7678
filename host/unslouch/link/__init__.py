"""Links to a sensor: transports behind one interface, and the session that runs over them."""
