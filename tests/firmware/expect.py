"""What firmware tests need beyond a bare assert, under pytest and under MicroPython alike."""

import asyncio

try:
    import pytest

    skip, Skipped = pytest.skip, pytest.skip.Exception
except ImportError:

    class Skipped(Exception):
        """Raised by `skip`; the message is the reason."""

    def skip(reason):
        """End this test: what it needs isn't on this interpreter."""
        raise Skipped(reason)


class raises:
    """`with raises(ValueError) as caught:` passes only if that is raised, and leaves it in `caught.error`."""

    def __init__(self, kind):
        self._kind = kind
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        assert kind is not None, "expected %s, and nothing was raised" % self._kind.__name__
        self.error = error
        return issubclass(kind, self._kind)


def run(story):
    """Run a coroutine; skips the test under WebAssembly, where the event loop is the web page's."""
    if not hasattr(asyncio, "run"):
        skip("this interpreter's event loop is a web page's")
    asyncio.run(story)
