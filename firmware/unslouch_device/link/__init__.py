"""Links to a host: the channels that carry bytes, and the server that answers over them."""
