"""What only the start of a process needed is given back, and nothing else is."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from lapel.health import memory
from lapel.health.memory import Libraries, give_back
from lapel.infer.manifest import ModelStore

SMAPS = """\
00400000-00401000 r-xp 00000000 08:01 11 /usr/bin/program
Rss:                   4 kB
Anonymous:             0 kB
Swap:                  0 kB
00401000-00402000 r--p 00001000 08:01 11 /usr/bin/program
Anonymous:             4 kB
Swap:                  0 kB
00402000-00403000 r--p 00001000 08:01 11 /usr/bin/program
Anonymous:             0 kB
Swap:                  4 kB
SwapPss:               4 kB
00403000-00404000 rw-p 00002000 08:01 11 /usr/bin/program
Anonymous:             0 kB
Swap:                  0 kB
00404000-00405000 r--p 00000000 00:00 0
Anonymous:             0 kB
Swap:                  0 kB
00405000-00406000 r--s 00000000 00:01 12 /models/face.tflite
Rss:                   8 kB
Anonymous:             0 kB
Swap:                  0 kB
00406000-00407000 r-xp 00000000 08:01 13 /usr/lib/libcrypto.so.3
Anonymous:             0 kB
Swap:                  0 kB
"""


def test_only_pages_that_are_as_in_their_file_are_dropped_and_none_that_was_changed_and_swapped_out() -> None:
    every = list(memory._unchanged(SMAPS, re.compile("")))
    assert every == [(0x400000, 0x401000), (0x405000, 0x406000), (0x406000, 0x407000)]


def test_of_libraries_alone_pages_are_dropped_again_and_again() -> None:
    """Where a model or a shard was mapped there may be other memory by now, which would be lost."""
    assert list(memory._unchanged(SMAPS, memory._LIBRARY)) == [(0x406000, 0x407000)]


def test_large_buffers_go_back_at_once_where_the_c_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=lambda *option: asked.append(option)))
    memory.give_back_at_once()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())  # another C library than GNU's
    memory.give_back_at_once()
    assert asked == [(-3, 1 << 20), (-1, 1 << 20)]  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h


def resident_kib(name: str) -> int:
    """How much of a mapped file is in memory."""
    lines = Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.endswith(name)]
    return sum(int(next(line for line in lines[at:] if line.startswith("Rss:")).split()[1]) for at in starts)


@pytest.mark.models
def test_a_model_answers_the_same_when_its_weights_were_given_back(models: ModelStore) -> None:
    model = models.open("descriptor")
    picture = np.random.default_rng(1).integers(0, 255, model.input.shape).astype(model.input.dtype)
    before = model.invoke(picture)
    assert resident_kib("descriptor.tflite") > 1000
    give_back()
    assert resident_kib("descriptor.tflite") == 0
    for now, then in zip(model.invoke(picture), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.models
def test_libraries_are_given_back_at_each_call_and_models_are_not(models: ModelStore) -> None:
    model, libraries = models.open("descriptor"), Libraries()
    model.invoke(np.zeros(model.input.shape, model.input.dtype))
    of_model = resident_kib("descriptor.tflite")
    for _ in range(2):
        cv2.SIFT.create().detect(np.zeros((64, 64), np.uint8), None)
        used = resident_kib("/cv2.abi3.so")
        libraries.give_back()
        assert resident_kib("/cv2.abi3.so") < used / 2
    assert resident_kib("descriptor.tflite") == of_model


@pytest.mark.models
def test_where_the_system_does_not_say_what_is_mapped_nothing_is_dropped(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, **_: object) -> str:
        raise PermissionError(path)

    model = models.open("descriptor")
    model.invoke(np.zeros(model.input.shape, model.input.dtype))
    before = resident_kib("descriptor.tflite")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", refused)
        give_back()
    assert resident_kib("descriptor.tflite") == before > 1000
