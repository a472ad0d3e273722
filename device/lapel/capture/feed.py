"""Raw frames from a source to one reader: in lockstep from files, through a thread and the slot from what is live."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

from lapel.capture.backoff import Backoff
from lapel.capture.raw import RawFrame
from lapel.capture.slot import NewestSlot, Taken
from lapel.capture.source import Source
from lapel.errors import CameraLost, MediaError

# A read of a stream may last its time-out; after that the thread, a daemon, is left to die with the process.
LONGEST_STOP_S = 10.0


class LockstepFeed:
    """Every frame of an opened source, read when asked for: deterministic, nothing is dropped."""

    def __init__(self, source: Source, read: Callable[[], RawFrame | None]) -> None:
        """``read`` gives the next frame of the source."""
        self._source = source
        self._read = read
        self.is_lost = False

    def frames(self) -> Iterator[Taken]:
        """Frames to the end of the source."""
        while (raw := self._read()) is not None:
            yield Taken(raw)

    def stop(self) -> None:
        """Let go of the source."""
        self._source.close()


class LiveFeed:
    """The newest frame of an opened live source, read by one thread, which brings a lost camera back."""

    def __init__(
        self,
        source: Source,
        read: Callable[[], RawFrame | None],
        notice: Callable[[str], None],
        backoff: Backoff,
        wake_s: float,
    ) -> None:
        """``read`` gives the next frame of the source, and raises CameraLost. ``is_lost``: a lost one is awaited."""
        self._source = source
        self._read = read
        self._wake_s = wake_s
        self.is_lost = False
        self._notice = notice
        self._backoff = backoff
        self._slot: NewestSlot[Taken] = NewestSlot(Taken.overtaking, lambda taken: taken.raw.wipe())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def frames(self) -> Iterator[Taken | None]:
        """The newest frame each time, to the end of the source; None when there was none for ``wake_s`` seconds.

        Raises: what the thread died of.
        """
        self._thread.start()
        yield from self._slot.items(self._wake_s)

    def stop(self) -> None:
        """Stop the thread and let go of the source and of the frame that waits."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(LONGEST_STOP_S)
        else:
            self._source.close()
        self._slot.end()
        self._slot.empty()

    def _run(self) -> None:
        try:
            self._read_until_the_end()
        except BaseException as error:  # noqa: BLE001 - the top of a thread: it is raised again where frames are taken
            self._slot.end(error)
        else:
            self._slot.end()
        finally:
            self._source.close()

    def _read_until_the_end(self) -> None:
        while not self._stop.is_set():
            try:
                raw = self._read()
            except CameraLost as lost:
                self.is_lost = True
                self._bring_back(lost)
                self.is_lost = False
                continue
            if raw is None:
                return
            self._slot.put(Taken(raw))

    def _bring_back(self, lost: CameraLost) -> None:
        self._notice(f"{lost}; trying again")
        self._source.close()
        for wait_s in self._backoff.waits_s(random.Random()):
            if self._stop.wait(wait_s):
                return
            try:
                self._source.open()
            except (CameraLost, MediaError):
                continue
            self._notice(f"{self._source.name}: is back")
            return
