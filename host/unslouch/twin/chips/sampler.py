"""From motion to what a chip measures: quantised samples, and what its FIFO takes, serialised a block at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.twin.wearer.motion import MotionSource

from .fifo import WORD_BYTES

BLOCK_S: Final = 20.0
"""Motion is fetched in blocks of this length, so that its cost per sample is numpy's."""

TAG_GYRO_NC: Final = 0x01
TAG_ACC_NC: Final = 0x02

_BLOCK_US: Final = int(BLOCK_S * 1e6)


class Channel(NamedTuple):
    """How one of the two sensors is set."""

    rate_hz: float = 0.0
    """Output data rate; 0 is powered down."""
    lsb: float = 1.0
    """Units (g or dps) per count."""
    batch_every: int = 0
    """Every how many samples one goes into the FIFO; 0 is never."""
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Added to what the axes measure, as a self-test does."""


OFF: Final = Channel()


class Stream(NamedTuple):
    """One sensor's samples of a block: counts, shape (n, 3), from an index on."""

    channel: Channel
    first: int
    raw: NDArray[np.int16]


Serialiser = Callable[[Stream, Stream], tuple[NDArray[np.uint8], NDArray[np.int64]]]
"""From the accelerometer's and the gyroscope's samples to what goes into the FIFO, shape (n, bytes), and when [µs]."""


class Samples(NamedTuple):
    """One sensor's samples from an index on: three little-endian 16-bit counts each."""

    first: int
    counts: bytes


@dataclass(frozen=True)
class Block:
    """All samples of one stretch of BLOCK_S."""

    end_us: int
    acc: Samples
    gyro: Samples
    words: bytes
    word_times_us: list[int]


def count_at(now_us: int, rate_hz: float) -> int:
    """Index of the newest sample at a time; samples lie at multiples of 1 / rate since the world began."""
    return math.floor(now_us * rate_hz / 1e6)


class Sampler:
    """Serves blocks of samples for the current settings."""

    def __init__(self, motion: MotionSource, serialise: Serialiser | None = None) -> None:
        """`serialise` is how the FIFO takes samples; by default as the LSM6DSOX's does."""
        self._motion = motion
        self._serialise = serialise or tagged_words
        self.acc = OFF
        self.gyro = OFF
        self._blocks: dict[int, Block] = {}

    def configure(self, acc: Channel, gyro: Channel) -> None:
        self.acc = acc
        self.gyro = gyro
        self._blocks.clear()

    def acc_counts(self, index: int) -> bytes:
        """The six bytes of one accelerometer sample."""
        block = self._block_near(index, self.acc)
        samples = block.acc if index >= block.acc.first else self.block_at(block.end_us - _BLOCK_US - 1).acc
        return _six_bytes(samples, index)

    def gyro_counts(self, index: int) -> bytes:
        """The six bytes of one gyroscope sample."""
        block = self._block_near(index, self.gyro)
        samples = block.gyro if index >= block.gyro.first else self.block_at(block.end_us - _BLOCK_US - 1).gyro
        return _six_bytes(samples, index)

    def greatest_acc_steps(self, first: int, last: int) -> tuple[int, int, int]:
        """By how many counts each axis of the accelerometer changed at most between neighbours of first … last."""
        greatest = np.zeros(3, dtype=np.int32)
        before = np.frombuffer(self.acc_counts(first), dtype="<i2").astype(np.int32)
        while first < last:
            block = self._block_near(first + 1, self.acc)
            if first + 1 < block.acc.first:
                block = self.block_at(block.end_us - _BLOCK_US - 1)
            offset = first + 1 - block.acc.first
            counts = np.frombuffer(block.acc.counts, dtype="<i2").reshape(-1, 3)[offset : last + 1 - block.acc.first]
            steps = np.diff(np.vstack([before, counts.astype(np.int32)]), axis=0)
            greatest = np.maximum(greatest, np.abs(steps).max(axis=0))
            before = counts[-1].astype(np.int32)
            first += len(counts)
        return int(greatest[0]), int(greatest[1]), int(greatest[2])

    def block_at(self, t_us: int) -> Block:
        """The block that holds this time. Two are kept: the FIFO may be a block ahead of the output registers."""
        number = t_us // _BLOCK_US
        if number not in self._blocks:
            while len(self._blocks) > 1:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[number] = self._make_block(number)
        return self._blocks[number]

    def _block_near(self, index: int, channel: Channel) -> Block:
        """The block of a sample, or the one after it where rounding to µs crosses the border."""
        return self.block_at(math.ceil(index * 1e6 / channel.rate_hz))

    def _make_block(self, number: int) -> Block:
        fetched: dict[float, tuple[int, NDArray[np.float64]]] = {0.0: (0, np.empty((0, 6)))}
        for rate_hz in {self.acc.rate_hz, self.gyro.rate_hz} - {0.0}:
            first = math.ceil(number * BLOCK_S * rate_hz)
            count = math.ceil((number + 1) * BLOCK_S * rate_hz) - first
            fetched[rate_hz] = (first, self._motion.sample(first, count, rate_hz))
        acc_first, acc = fetched[self.acc.rate_hz]
        gyro_first, gyro = fetched[self.gyro.rate_hz]
        acc_raw = quantise(acc[:, :3] + self.acc.shift, self.acc.lsb)
        gyro_raw = quantise(gyro[:, 3:] + self.gyro.shift, self.gyro.lsb)
        words, times_us = b"", []
        if self.acc.batch_every or self.gyro.batch_every:
            rows, times = self._serialise(Stream(self.acc, acc_first, acc_raw), Stream(self.gyro, gyro_first, gyro_raw))
            words, times_us = rows.tobytes(), times.tolist()
        return Block(
            (number + 1) * _BLOCK_US,
            Samples(acc_first, acc_raw.tobytes()),
            Samples(gyro_first, gyro_raw.tobytes()),
            words,
            times_us,
        )


def tagged_words(acc: Stream, gyro: Stream) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Words of the LSM6DSOX's FIFO in the order of time, the gyroscope first in each time slot."""
    batched = [each.channel for each in (acc, gyro) if each.channel.batch_every]
    slot_rate_hz = max(channel.rate_hz / channel.batch_every for channel in batched)
    parts = [*_batched(gyro, TAG_GYRO_NC, slot_rate_hz), *_batched(acc, TAG_ACC_NC, slot_rate_hz)]
    words = np.concatenate([words for _, words in parts])
    times_us = np.concatenate([times for times, _ in parts])
    order = np.argsort(times_us, kind="stable")
    return words[order], times_us[order]


def sample_times_us(stream: Stream) -> NDArray[np.int64]:
    """When each sample of a block is there."""
    index = np.arange(stream.first, stream.first + len(stream.raw))
    times: NDArray[np.int64] = np.ceil(index * (1e6 / stream.channel.rate_hz)).astype(np.int64)
    return times


def _six_bytes(samples: Samples, index: int) -> bytes:
    at = (index - samples.first) * 6
    return samples.counts[at : at + 6]


def quantise(values: NDArray[np.float64], lsb: float) -> NDArray[np.int16]:
    """Counts as the chip's converter gives them: rounded, and saturated at the ends of 16 bits."""
    return np.clip(np.rint(values / lsb), -32768, 32767).astype("<i2")


def tag_byte(sensor: int, slot: int) -> int:
    """FIFO_DATA_OUT_TAG: sensor in 7…3, time slot in 2…1, and a bit 0 that makes the parity even (AN5272 §9.4)."""
    tag = sensor << 3 | (slot & 3) << 1
    return tag | tag.bit_count() & 1


def _batched(stream: Stream, sensor: int, slot_rate_hz: float) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    """Times [µs] and words (n, 7) of the samples that one sensor puts into the FIFO."""
    channel, first, raw = stream
    if not channel.batch_every:
        return
    skipped = -first % channel.batch_every
    kept = raw[skipped :: channel.batch_every]
    index = np.arange(first + skipped, first + len(raw), channel.batch_every)
    slot = np.rint(index * (slot_rate_hz / channel.rate_hz)).astype(np.int64)
    tags = np.array([tag_byte(sensor, n) for n in range(4)], dtype=np.uint8)
    words = np.empty((len(kept), WORD_BYTES), dtype=np.uint8)
    words[:, 0] = tags[slot & 3]
    words[:, 1:] = np.ascontiguousarray(kept).view(np.uint8)
    yield np.ceil(index * (1e6 / channel.rate_hz)).astype(np.int64), words
