"""Text parts: a text that a sensor sends part by part, since it is longer than a frame."""

from collections.abc import Awaitable, Callable

from unslouch_device.contract.payloads import PayloadError, unpack_text_part


async def read_text(ask: Callable[[int], Awaitable[bytes]]) -> bytes:
    """Return a whole text.

    ask: returns the data of the reply with the part at an offset. Raises PayloadError if what comes is no such part, or
    if the sensor stops before the end.
    """
    text, size = b"", 1
    while len(text) < size:
        size, part = unpack_text_part(await ask(len(text)))
        if not part and len(text) < size:
            raise PayloadError(f"{len(text)} of {size} bytes of a text")
        text += part
    return text
