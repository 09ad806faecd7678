"""What the board runs first: nothing, so that a broken app never keeps mpremote out."""
