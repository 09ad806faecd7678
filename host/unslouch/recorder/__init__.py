"""The owner of a sensor: records its journal and shares its link."""
