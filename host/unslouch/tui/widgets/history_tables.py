"""The tables of the History mode, each with its help."""

from .day_table import ListingTable


class WeekTable(ListingTable):
    """Weeks."""

    HELP = """## Weeks

The mean of the chosen value over the valid days of each week, how many of the days worn were valid, and the mean
coverage: the share of the worn time that was measured.
"""


class MonthTable(ListingTable):
    """Months."""

    HELP = "## Months\n\nThe same as for weeks, month by month.\n"


class CompareTable(ListingTable):
    """Two ranges of days."""

    HELP = """## Compare

The means of two ranges of days beside each other. `c` goes on to the next pair, `C` takes any two ranges. A difference
is called clear where it is more than twice its standard error, given how the days within the ranges scatter; that rule
is ours, and with fewer than three valid days in a range nothing is clear.
"""


class GoalTable(ListingTable):
    """Goals."""

    HELP = """## Goals

How many days on end each goal was reached. `●` reached, `○` missed, `·` not known: not worn, too short, or not over
yet. A day that is not known is left out, and never ends a streak; for a week without wear and exercise it is the same.
`g` sets your own goals. Until then there are three of unslouch's; no standard says how upright is enough.
"""
