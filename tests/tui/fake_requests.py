"""The requests of a fake sensor that go over its connection: diagnostics, known computers, crash and self-test."""

from unslouch.link.connection import Reply
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract.board_test import TEST_PASSED, pack_board_test
from unslouch_device.contract.diagnostics import pack_diagnostics, pack_idf_heap

HOSTS = (
    bytes([p.HOST_LINKED | p.HOST_YOURS | p.HOST_SECURE]) + bytes.fromhex("00C5C4C3C2C1C0"),
    bytes([0]) + bytes.fromhex("01060504030201"),
)


class FakeRequests:
    """Answers like a sensor that has crashed once and knows two computers."""

    def __init__(self) -> None:
        self.hosts = list(HOSTS)
        self.crash = b""
        self.failed_axes = 0
        self.board_test = TEST_PASSED, 1, 3912, TEST_PASSED, TEST_PASSED, TEST_PASSED
        self.asked: list[int] = []

    async def request(self, kind: int, *fields: int | bytes, timeout_s: float) -> Reply:
        """Answer a request."""
        self.asked.append(kind)
        match kind:
            case m.PING:
                return Reply(m.OK, b"")
            case m.DIAGNOSTICS:
                return Reply(m.OK, pack_diagnostics(3, 1, 80_000, 70_000, 12, 3, 0, 0, 0, 0, 100_000, 120_000, 0))
            case m.IDF_HEAP:
                return Reply(m.OK, pack_idf_heap(61_440, 31_744))
            case m.CRASH_TEXT:
                assert isinstance(fields[0], int)
                return Reply(m.OK, p.pack_text_part(self.crash, fields[0]))
            case m.BOARD_TEST:
                return Reply(m.OK, pack_board_test(*self.board_test))
            case m.SELF_TEST:
                return Reply(m.OK, bytes([0x3F & ~self.failed_axes]))
            case m.GET_HOSTS:
                return Reply(m.OK, b"".join(self.hosts))
            case m.FORGET_HOST:
                self.hosts = [host for host in self.hosts if host[1:] != fields[0]]
                return Reply(m.OK, b"")
        return Reply(m.UNKNOWN_REQUEST, b"")
