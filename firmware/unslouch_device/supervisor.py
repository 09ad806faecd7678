"""The supervisor: feeds the watchdog while every task shows life, and keeps figures of the board's health."""

from .port import free_heap_bytes, sleep_ms

PERIOD_MS = 1000
PATIENCE = 20  # periods that a task may be silent
WATCHDOG_MS = 30_000  # longer than the slowest flush on a nearly full filesystem
GOOD_RUN_MS = 600_000  # after which crashes before it no longer count as in a row
HEAP_EVERY = 60  # periods; collecting garbage takes milliseconds
REPL_WATCHDOG_MS = 86_400_000

_ALIVE = 1
_WAITING = 2


class Supervisor:
    """Asks every period whether tasks 0 to tasks - 1 have shown life since the last.

    A task calls beat() as it goes along, and waiting() before it waits for something that may never come.
    """

    def __init__(self, machine, uptime, crashes, tasks: int) -> None:
        self._machine = machine
        self._uptime = uptime
        self._crashes = crashes
        self._watchdog = None
        self._shown = bytearray(tasks)
        self._silence = bytearray(tasks)  # periods
        self._healthy = True
        self.proved = False  # by a good run, of GOOD_RUN_MS
        self.heap_bytes = 0  # free when last measured
        self.least_heap_bytes = 0
        self.late_ms = 0  # the most that the loop was late, light sleep left out

    def beat(self, task: int) -> None:
        """Show life."""
        self._shown[task] = _ALIVE

    def waiting(self, task: int) -> None:
        """Show that the task waits for the world outside, as long as it takes; beat() ends that."""
        self._shown[task] = _WAITING

    async def run(self) -> None:
        """Watch until the app ends."""
        self._watchdog = watchdog = self._machine.WDT(timeout=WATCHDOG_MS)
        periods = 0
        while True:
            if periods % HEAP_EVERY == 0:
                self._measure_heap()
            periods += 1
            await self._period()
            if self._all_alive():
                watchdog.feed()
            if not self.proved and self._uptime.now_ms() >= GOOD_RUN_MS:
                self.proved = True
                self._crashes.clear()

    def release(self) -> None:
        """Give the prompt a day: the ESP32's watchdog can't be stopped, but it takes another timeout.

        MicroPython's ports/esp32/machine_wdt.c reconfigures it whenever one is made.
        """
        if self._watchdog is not None:
            self._machine.WDT(timeout=REPL_WATCHDOG_MS)

    async def _period(self) -> None:
        began_ms = self._uptime.now_ms() - self._uptime.slept_ms
        await sleep_ms(PERIOD_MS)
        late_ms = self._uptime.now_ms() - self._uptime.slept_ms - began_ms - PERIOD_MS
        self.late_ms = max(self.late_ms, late_ms)

    def _all_alive(self) -> bool:
        for task in range(len(self._shown)):
            if self._shown[task]:
                self._silence[task] = 0
                if self._shown[task] == _ALIVE:
                    self._shown[task] = 0
                continue
            self._silence[task] += 1
            if self._silence[task] > PATIENCE and self._healthy:
                self._healthy = False
                self._crashes.keep_hung(task)
        return self._healthy

    def _measure_heap(self) -> None:
        self.heap_bytes = free_heap_bytes()
        if not self.least_heap_bytes or self.heap_bytes < self.least_heap_bytes:
            self.least_heap_bytes = self.heap_bytes
