"""The live samples of the last ten minutes, which the plot of the Live mode draws from."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

from unslouch.link.model import LiveSample

KEPT_S = 600.0


class TiltHistory:
    """Samples in the order of uptime. Those older than KEPT_S are dropped; when the uptime goes back, all are."""

    def __init__(self) -> None:
        self._samples: deque[LiveSample] = deque()
        self.added = 0
        """How many samples were ever added."""

    def add(self, sample: LiveSample) -> None:
        samples = self._samples
        if samples and sample.uptime_ms < samples[-1].uptime_ms:
            samples.clear()
        samples.append(sample)
        while samples[0].uptime_ms < sample.uptime_ms - KEPT_S * 1000:
            samples.popleft()
        self.added += 1

    def since(self, added: int) -> Iterable[LiveSample]:
        """Return the samples that came after `added` of them had come, oldest first, as far as they are kept."""
        skipped = len(self._samples) - (self.added - added)
        return islice(self._samples, max(0, skipped), None)
