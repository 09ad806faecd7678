"""Attached: the link of a process that looks at a sensor which another process of the wearer owns."""

import time
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client as dial
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import answer_challenge, deliver_challenge

from unslouch.errors import SensorBusy
from unslouch.link.threaded import ThreadedTransport
from unslouch.link.transport import LinkLost
from unslouch.sensor.lock import announcement

from .server import MOST_MESSAGE_BYTES

OWNER_TIMEOUT_S = 3.0  # an owner that has just begun greets the sensor before it shares it
RETRY_S = 0.05
POLL_S = 0.5


class SharedTransport(ThreadedTransport):
    """The frames of a sensor by way of its owner."""

    shared = True

    def __init__(self, sensor: str) -> None:
        super().__init__(sensor)
        self._pipe: Pipe | None = None

    def open_blocking(self) -> None:
        deadline = time.monotonic() + OWNER_TIMEOUT_S
        while not self.closing.is_set():
            told = announcement(self.name)
            if told is not None:
                try:
                    self._pipe = _greet(told.address, told.key)
                    return
                except (OSError, EOFError, AuthenticationError):
                    pass  # the owner is just leaving, or has left such an announcement behind
            if time.monotonic() >= deadline:
                break
            self.closing.wait(RETRY_S)
        raise SensorBusy(
            f"{self.name} is in use by another unslouch program, which doesn't share it at the moment; "
            "wait until it is done, or close it."
        )

    def read_blocking(self) -> bytes:
        pipe = self._opened()
        try:
            return pipe.recv_bytes(MOST_MESSAGE_BYTES) if pipe.poll(POLL_S) else b""
        except (OSError, EOFError) as error:
            raise self._lost() from error

    def write_blocking(self, data: bytes) -> None:
        try:
            self._opened().send_bytes(data)
        except OSError as error:
            raise self._lost() from error

    def _opened(self) -> Pipe:
        if self._pipe is None:
            raise self._lost()
        return self._pipe

    def _lost(self) -> LinkLost:
        return LinkLost(f"The unslouch program that shares {self.name} has ended or lost the sensor.")

    def wake(self) -> None:
        """Nothing to do: a read ends by itself within POLL_S."""

    def close_blocking(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()


def _greet(address: str, key: bytes) -> Pipe:
    pipe = dial(address)
    try:
        if not pipe.poll(OWNER_TIMEOUT_S):  # a stopped process accepts and says nothing
            raise EOFError("the owner is silent")
        answer_challenge(pipe, key)
        deliver_challenge(pipe, key)
    except BaseException:
        pipe.close()
        raise
    return pipe
