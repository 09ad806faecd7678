"""Distributions: how the tilt was spread over classes of degrees and of duration."""

from collections.abc import Sequence

from unslouch.analysis.day import Day

from .html import Markup


def distribution_sections(days: Sequence[Day]) -> list[Markup]:
    """Return the sections on zones, APDF and EVA of some days together."""
    return []
