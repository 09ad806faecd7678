"""How long the session waits for what: every timeout and interval in one value, so that tests can use shorter ones."""

from dataclasses import dataclass

from unslouch.link.client import FETCH_TIMEOUT_S, HELLO_TIMEOUT_S, HELLO_TRY_S


@dataclass(frozen=True)
class Timing:
    """Timeouts and intervals of a session, in seconds."""

    hello_s: float = HELLO_TIMEOUT_S
    """For a port to answer as a sensor."""
    hello_try_s: float = HELLO_TRY_S
    """After which HELLO is sent again, as long as hello_s allows."""
    fetch_s: float = FETCH_TIMEOUT_S
    """For one window of journal pages."""
    silence_s: float = 5.0
    """Without any frame, until the sensor is asked whether it still runs: it sends a status each second."""
    ping_s: float = 2.0
    """For the answer to that."""
    clock_mark_s: float = 3600.0
    """Between two clock marks while the host's clock is steady."""
    ports_s: float = 2.0
    """Between two looks at the ports, while the sensor is linked over the air."""
    port_hello_s: float = 2.5
    """For a port that has come to answer as the sensor."""
    keep_alive_s: float = 20.0
    """Between two requests over the air: a sensor that hears none for 60 s concludes that nobody watches."""
    linger_s: float = 3.0
    """With a sensor that may rest, for the records that it flushes when a host comes."""
    flush_s: float = 2.0
    """For the sensor to write its journal to flash, and for that to be stored."""
    drain_s: float = 1.0
    """The same before leaving: SIGTERM ends a program within 2 s."""
