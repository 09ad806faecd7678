"""Sensor: what the sensor noticed about how it is worn."""

from .metric import OURS, Metric, Theme, Unit

SENSOR_MOVED = Metric(
    "sensor_moved",
    Unit.COUNT,
    "how often the sensor noticed, by the tilt while walking, that it may sit elsewhere",
    OURS,
    decimals=0,
    measure=lambda observed: len(observed.sensor_moved),
    formula="number of notices of the sensor",
    theme=Theme.VALIDITY,
)
"""
>>> values(lived(sensor_moved=[moved(), moved()]), "sensor_moved")
[2]
"""
