"""The days of many wearers, from the Parquet that each has exported: one row for each wearer and day, and the group."""
