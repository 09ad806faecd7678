"""The doctor: finds what is wrong with a set-up, from the cable to the database, and says the cure."""
