"""The links that hosts are served on, and what these hosts want of the board right now."""


class ServedLinks:
    """Holds a server for each link: see link.server."""

    def __init__(self) -> None:
        self.links: list = []
        self.calibrator = None  # of sense.calibration, while a calibration is under way

    def begin(self, cable, radio) -> None:
        """Take the server of the serial link, which stays, and the Radio, which adds those over the air."""
        self.cable = cable
        self.links.append(cable)
        self.radio = radio

    def most_hz(self) -> int:
        """Return the most live samples per second that a host has asked for."""
        return max([link.live_hz for link in self.links])

    def watch(self) -> bool:
        """Return whether somebody looks at live samples, or waits for a calibration."""
        return self.most_hz() > 1 or self.calibrator is not None

    def follow_by_cable(self) -> bool:
        """Return whether a host on the cable has subscribed: light sleep would cut it off."""
        return self.cable.live_hz > 0

    def radio_on(self) -> bool:
        """Return whether the radio is on, which light sleep would break."""
        return self.radio.on

    def show(self, record: bytes) -> None:
        """Show an event's record to all hosts that have subscribed."""
        for link in self.links:
            link.send_event(record)
