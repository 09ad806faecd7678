"""The doctor: finds what ails a set-up, from the cable to the database, and says the cure."""
