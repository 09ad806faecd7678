"""The publisher: delivers each sensor event to every consumer, through a bounded queue of its own.

Publishing never waits and never raises, so nothing that a consumer does can disturb the link, sharing or storing:

| a consumer that | then |
|---|---|
| is slow | loses its oldest telemetry first; after that, queued events that a later one supersedes are merged into it |
| is so slow that its queue holds nothing but events that can't be lost | is ended, and an error is logged |
| raises | is ended, and the traceback is logged |

The other consumers go on in each case.
"""

import asyncio
import inspect
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from .events import (
    BoardStatus,
    LinkChanged,
    LiveSample,
    RecordsStored,
    SensorConnected,
    SensorEvent,
    StoreFailed,
    StoreRecovered,
    WindowExpected,
)

log = logging.getLogger(__name__)

QUEUE_EVENTS = 1024  # 40 s of live samples
BATCH_EVENTS = 32  # handled before the event loop gets a turn
CLOSE_TIMEOUT_S = 0.5

Consumer = Callable[[SensorEvent], Awaitable[None] | None]

_TELEMETRY = (LiveSample, BoardStatus)
_SUPERSEDED_BY_LATER: dict[type, str] = {
    LinkChanged: "link",
    WindowExpected: "window",
    SensorConnected: "sensor",
    RecordsStored: "records",
    StoreFailed: "store",
    StoreRecovered: "store",
}
"""Events of which only the latest of a group counts, and the name of the group."""


class QueueOverflow(Exception):
    """The queue is full of events of which none may be lost."""


class EventQueue:
    """Events in the order in which they came, `capacity` of them at most."""

    def __init__(self, capacity: int = QUEUE_EVENTS) -> None:
        self.lost = 0
        """How many telemetry events were dropped."""
        self._capacity = capacity
        self._events: OrderedDict[int, SensorEvent] = OrderedDict()
        self._telemetry: deque[int] = deque()  # keys of _events, oldest first
        self._next_key = 0

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: SensorEvent) -> None:
        """Append an event; raises QueueOverflow if there is no room and nothing that may be dropped or merged."""
        is_telemetry = isinstance(event, _TELEMETRY)
        if len(self._events) >= self._capacity:
            if self._telemetry:
                del self._events[self._telemetry.popleft()]
                self.lost += 1
            elif is_telemetry:
                self.lost += 1
                return
            else:
                self._merge(event)
        if is_telemetry:
            self._telemetry.append(self._next_key)
        self._events[self._next_key] = event
        self._next_key += 1

    def get(self) -> SensorEvent:
        """Remove and return the oldest event; raises KeyError if there is none."""
        key, event = self._events.popitem(last=False)
        if self._telemetry and self._telemetry[0] == key:
            self._telemetry.popleft()
        return event

    def _merge(self, coming: SensorEvent) -> None:
        """Make room by removing every event that a later one, or the coming one, supersedes."""
        superseding = {_SUPERSEDED_BY_LATER.get(type(coming))}
        before = len(self._events)
        for key, event in reversed(list(self._events.items())):
            group = _SUPERSEDED_BY_LATER.get(type(event))
            if group is None:
                continue
            if group in superseding:
                del self._events[key]
            superseding.add(group)
        if len(self._events) == before:
            raise QueueOverflow


class Subscription:
    """A consumer that is fed by a task of its own until it fails, falls too far behind or is ended."""

    def __init__(self, consumer: Consumer, name: str, capacity: int = QUEUE_EVENTS) -> None:
        self.name = name
        self.error: Exception | None = None
        """What the consumer raised, or QueueOverflow if it fell too far behind."""
        self._consumer = consumer
        self._queue = EventQueue(capacity)
        self._changed = asyncio.Event()
        self._is_last = False
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"events for {name}")

    @property
    def lost(self) -> int:
        """How many telemetry events the consumer lost because it was slow."""
        return self._queue.lost

    @property
    def is_active(self) -> bool:
        """Whether the consumer still gets events."""
        return not self._task.done() and self.error is None

    def put(self, event: SensorEvent) -> None:
        """Queue an event for the consumer; without effect once it has ended."""
        if not self.is_active:
            return
        try:
            self._queue.put(event)
        except QueueOverflow as error:
            self.error = error
            log.error(
                "%s has not handled the last %d events of the sensor and gets no more of them.",
                self.name,
                len(self._queue),
            )
            self._task.cancel()
        else:
            self._changed.set()

    async def wait_ended(self) -> None:
        """Wait until the consumer gets no more events."""
        await asyncio.wait([self._task])

    def end(self) -> None:
        """End the consumer now, whatever is queued for it."""
        self._task.cancel()

    async def finish(self, timeout_s: float) -> None:
        """Let the consumer handle what is queued, within a time, then end it."""
        self._is_last = True
        self._changed.set()
        _, slow = await asyncio.wait([self._task], timeout=timeout_s)
        if slow:
            log.warning("%s has not handled the last %d events of the sensor.", self.name, len(self._queue))
            self.end()
            await self.wait_ended()

    async def _run(self) -> None:
        try:
            while True:
                for _ in range(min(len(self._queue), BATCH_EVENTS)):
                    handling = self._consumer(self._queue.get())
                    if inspect.isawaitable(handling):
                        await handling
                if self._queue:
                    await asyncio.sleep(0)
                elif self._is_last:
                    return
                else:
                    self._changed.clear()
                    await self._changed.wait()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            self._fail(asyncio.InvalidStateError("something that it awaited was cancelled"))
        except Exception as error:  # noqa: BLE001 - whatever it raises ends this consumer alone, and is logged
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.error = error
        log.error("%s failed and gets no more events of the sensor.", self.name, exc_info=error)


class EventPublisher:
    """Delivers events to any number of consumers; all of it in one event loop."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self, consumer: Consumer, name: str, capacity: int = QUEUE_EVENTS) -> Subscription:
        """Deliver every event from now on to a function or coroutine function; call it in a running event loop.

        The consumer runs in that loop, so what blocks belongs on a thread. name stands in the log if it fails.
        """
        subscription = Subscription(consumer, name, capacity)
        self._subscriptions.append(subscription)
        return subscription

    def publish(self, event: SensorEvent) -> None:
        """Queue an event for every consumer."""
        self._subscriptions = [each for each in self._subscriptions if each.is_active]
        for subscription in self._subscriptions:
            subscription.put(event)

    async def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Let every consumer handle what is queued for it, within a time, then end it."""
        await asyncio.gather(*(each.finish(timeout_s) for each in self._subscriptions))
        self._subscriptions = []
