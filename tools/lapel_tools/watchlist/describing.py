"""Describes the pictures of many things, in several processes, and loses nothing of it whenever it is ended."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing.process import BaseProcess
from pathlib import Path

import cv2
import numpy as np

from lapel.config.profile import load_profile
from lapel.core.search import directions
from lapel.core.things import Entry, Features, Reference
from lapel.errors import EnrolmentRefused, HardwareError, LapelError
from lapel.health.clock import SystemClock
from lapel.store.bucket import decode_bucket, encode_bucket
from lapel.wiring.seeing import open_seeing
from lapel_tools.enrol.consensus import on_the_thing
from lapel_tools.enrol.enrolment import examine, references_of
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.enrol.request import EnrolmentRequest, EnrolmentTools, Photo
from lapel_tools.watchlist.table import reason_of
from lapel_tools.watchlist.working import WorkDone

_REFUSED, _DESCRIBED = b"R", b"D"
_WAITING_EACH = 4
MOST_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class Task:
    """An entry to describe, under the name that its result is kept by.

    ``photos`` are judged as enrolment judges them; ``pictures``, JPEG, are those of a list, judged and without faces.
    """

    name: str
    entry: Entry
    photos: tuple[Path, ...] = ()
    pictures: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """What describes: a profile by name or file, and the folder of the models (None: those of this version)."""

    profile: str
    models: Path | None
    processes: int


def references_from(done: bytes) -> tuple[Reference, ...]:
    """The references that were kept. Raises: EnrolmentRefused with the reason where the pictures were refused."""
    if done[:1] == _REFUSED:
        raise EnrolmentRefused(done[1:].decode())
    return decode_bucket(done[1:])[1]


def describe_all(tasks: Sequence[Task], work: WorkDone, means: Means) -> Iterator[Task]:
    """Describe each, keep the result, and then say so. Raises: StoreError, HardwareError, what opening models does."""
    if means.processes == 1 or len(tasks) < 2:
        describe = _opened(means) if tasks else None
        for task in tasks:
            assert describe is not None
            work.keep(task.name, describe(task))
            yield task
        return
    yield from _beside(tasks, work, means)


def _beside(tasks: Sequence[Task], work: WorkDone, means: Means) -> Iterator[Task]:
    # Started anew and not forked: a fork would share what the runtime of the models holds.
    context = multiprocessing.get_context("spawn")
    count = min(means.processes, len(tasks))
    pool = ProcessPoolExecutor(count, context, _begin, (means,))
    waiting: dict[Future[bytes], Task] = {}
    left = iter(tasks)
    try:
        while True:
            for task in islice(left, count * _WAITING_EACH - len(waiting)):
                waiting[pool.submit(_describe, task)] = task
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                task = waiting.pop(future)
                work.keep(task.name, future.result())
                yield task
    except BrokenProcessPool as error:
        raise HardwareError(
            "a process that described pictures was ended, for want of memory perhaps; run again with --processes 1, "
            "which goes on where this stopped"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_worker: list[Callable[[Task], bytes]] = []
"""What a process describes by, opened once."""


def _begin(means: Means) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        # A parent that was killed closes nothing: without this its children would wait for ever.
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _worker.append(_opened(means))


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _describe(task: Task) -> bytes:
    return _worker[0](task)


def _opened(means: Means) -> Callable[[Task], bytes]:
    seeing = open_seeing(load_profile(means.profile), means.models)
    tools = enrolment_tools(seeing, SystemClock().today())
    return lambda task: _done(task, tools)


def _done(task: Task, tools: EnrolmentTools) -> bytes:
    try:
        references = _described_again(task, tools) if task.pictures else _enrolled(task, tools)
    except HardwareError:
        raise  # the machine's fault, and not the picture's: nothing is kept of it
    except LapelError as error:
        return _REFUSED + reason_of(error).encode("utf-8", "replace")
    return _DESCRIBED + encode_bucket(((task.entry,), references))


def _enrolled(task: Task, tools: EnrolmentTools) -> tuple[Reference, ...]:
    photos = tuple(Photo(path.name, path) for path in task.photos)
    return references_of(examine(EnrolmentRequest(task.entry, photos), tools), tools.features)


def _described_again(task: Task, tools: EnrolmentTools) -> tuple[Reference, ...]:
    return on_the_thing(tuple(_again(task.entry.id, jpeg, tools) for jpeg in task.pictures), tools.features)


def _again(entry_id: str, jpeg: bytes, tools: EnrolmentTools) -> Reference:
    """The reference that a list's own picture makes: it was judged, and its faces destroyed, when it was enrolled."""
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise EnrolmentRefused(f"{entry_id}: a picture of it cannot be decoded; enrol the entry again")
    pixels = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    pixels.setflags(write=False)
    features: Features = tools.features.extract(pixels)
    return Reference(
        entry_id,
        directions(tools.embedder.describe(pixels)),
        directions(tools.features.aggregate(features)),
        features,
        jpeg,
    )
