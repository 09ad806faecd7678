"""Links to a sensor: transports behind one interface, and the client whose requests run over them."""
