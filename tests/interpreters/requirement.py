"""A test's requirements on its machine: without them it is skipped with the reason, and under CI it fails."""

import os

import pytest


def require(missing: str | None) -> None:
    """Go on if nothing is missing; otherwise skip, or fail where CI is set, with this sentence."""
    if missing is None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{missing} (CI must have it)", pytrace=False)
    pytest.skip(missing)
