"""Standing zeros: those set by hand, in the metadata of a Parquet file of epochs, which holds one table alone.

Without them a reader of the file knows no other standing than that of walking.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from unslouch.analysis.model import Calibration

MEMBER = "standing_zeros"


def standing_zeros(calibrations: Iterable[Calibration]) -> list[dict[str, Any]]:
    """Return the zeros of the calibrations that have one, as JSON has them; tilts are against the calibration."""
    return [
        {
            "journal": calibration.journal,
            "calibration_id": calibration.calibration_id,
            "forward_deg": calibration.standing_forward_deg,
            "lateral_deg": calibration.standing_lateral_deg,
        }
        for calibration in calibrations
        if calibration.standing_forward_deg is not None
    ]


def calibrations_in(metadata: Mapping[str, Any]) -> list[Calibration]:
    """Return calibrations with nothing but their zeros; none from a file of an earlier version.

    Raises KeyError or TypeError for what is no such metadata.
    """
    return [
        Calibration(
            journal=zero["journal"],
            calibration_id=zero["calibration_id"],
            profile=None,
            profile_name=None,
            how=None,
            made_utc_ms=None,
            standing_forward_deg=zero["forward_deg"],
            standing_lateral_deg=zero["lateral_deg"],
            standing_utc_ms=None,
        )
        for zero in metadata.get(MEMBER, ())
    ]
