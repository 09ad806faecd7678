"""What a test needs from its machine: without it the test is skipped, saying so, and under CI it fails."""

import os

import pytest


def require(missing: str | None) -> None:
    """Go on if nothing is missing; otherwise skip, or fail where CI is set, with this sentence."""
    if missing is None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{missing} (CI must have it)", pytrace=False)
    pytest.skip(missing)
