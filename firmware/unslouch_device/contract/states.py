"""Posture states and activities: their numbers on the wire and in the journal, and their names.

States are in the order in which they are decided: the first that applies is the one reported. UNKNOWN names time for
which the host has no record and, live, the posture while the motion sensor is silent; it is never journaled.
"""

UNKNOWN = 0
CHARGING = 1
OFF_BODY = 2
UNCALIBRATED = 3
LYING = 4
MOVING = 5
SLOUCHING = 6
LEANING = 7
RECLINED = 8
UPRIGHT = 9

STATES = 10  # how many there are
STATE_NAMES = (
    "lost",
    "charging",
    "off body",
    "uncalibrated",
    "lying",
    "moving",
    "slouching",
    "leaning",
    "reclined",
    "upright",
)

ACTIVITY_UNKNOWN = 0
ACTIVITY_STILL = 1  # a worn sensor that hardly moves: sitting, standing
ACTIVITY_MOVING = 2  # walking and other vigorous motion
ACTIVITY_LYING = 3
ACTIVITY_INERT = 4  # stiller than a body: on a table

ACTIVITIES = 5
ACTIVITY_NAMES = ("unknown", "still", "moving", "lying", "inert")
