"""Captures what a simulated sensor sends in the present protocol: `PYTHONPATH=tests python tests/contract/capture.py`.

Writes captured/protocol_N.txt, which test_captured.py reads. A file stays as it is as long as the host reads that
version: run this for a new version of the protocol only.
"""

import asyncio
import tempfile
from pathlib import Path

from contract.described import KINDS, described
from twin.poses import Poses
from twin.world import TestWorld, in_world
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract.frames import encode_frame
from unslouch_device.contract.settings import DELAY_S

CAPTURED = Path(__file__).parent / "captured"
MOST_SAMPLES = 4
ASKED: tuple[tuple[int, tuple[int | bytes, ...]], ...] = (
    (m.HELLO, (m.PROTOCOL_VERSION,)),
    (m.SUBSCRIBE, (5,)),
    (m.CALIBRATE, ()),
    (m.BOW, ()),
    (m.STANDING, ()),
    (m.GET_SETTINGS, ()),
    (m.SET_SETTING, (0, DELAY_S, 10)),
    (m.SET_SETTING, (0, DELAY_S, 10)),
    (m.GET_PROFILES, ()),
    (m.NAME_PROFILE, (2, "Küche".encode())),
    (m.SELECT_PROFILE, (0,)),
    (m.DIAGNOSTICS, ()),
    (m.CRASH_TEXT, (0,)),
    (m.BUZZ, ()),
    (m.PING, ()),
)
BOW = ((8, 40, 0), (10, 0, 0))
SLOUCH = ((30, 25, 3), (60, 0, 0))
UNTIL_IT_IS_CORRECTED_S = 60


def main() -> None:
    lines: list[str] = []

    def keep(kind: int, payload: bytes, answers: int | None = None) -> None:
        lines.append(f"{encode_frame(kind, payload).hex()}  {described(kind, payload, answers)}")

    async def ask(world: TestWorld, kind: int, *fields: int | bytes) -> None:
        status, data = await world.ask(kind, *fields)
        tag = len(lines) // 2
        keep(kind, m.pack_request(kind, tag, *fields))
        keep(m.REPLY, p.pack_reply(tag, status, data), kind)

    async def story(world: TestWorld) -> None:
        for kind, fields in ASKED:
            await ask(world, kind, *fields)
        await asyncio.sleep(UNTIL_IT_IS_CORRECTED_S)
        await ask(world, m.SNOOZE, 15)
        await ask(world, m.SUBSCRIBE, 0)
        await ask(world, m.FETCH, world.app.journal.id, 0, 64)
        world.seen += [world.port.frames.get_nowait() for _ in range(world.port.frames.qsize())]
        for kind in KINDS:
            payloads = [payload for seen, payload in world.seen if seen == kind]
            step = len(payloads) // MOST_SAMPLES if kind in (m.LIVE, m.STATUS) else 1
            for payload in payloads[::step]:
                keep(kind, payload)

    with tempfile.TemporaryDirectory() as folder:
        in_world(Poses(*BOW, *SLOUCH), Path(folder), story, own_clock=False)
    (CAPTURED / f"protocol_{m.PROTOCOL_VERSION}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
