"""The benches that tests of chips stand at."""

import pytest

from twin.bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def fast_bench() -> Bench:
    """A chip whose clock runs 1.5 % fast."""
    return Bench(odr_error=0.015)
