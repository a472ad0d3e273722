"""Memory that a search reads from end to end is put into huge pages, where the system has them."""

import mmap
from pathlib import Path

import numpy as np
import pytest

from lapel.infer.huge_pages import into_huge_pages, own_memory

MIB = 1 << 20
OWN = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
GIVES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def huge_kib_at(address: int) -> int:
    """What of the mapping at an address lies in huge pages, by the kernel's own account."""
    is_it = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        head = line.split()[0]
        if "-" in head and not head.endswith(":"):
            start, end = (int(side, 16) for side in head.split("-"))
            is_it = start <= address < end
        elif is_it and head == "AnonHugePages:":
            return int(line.split()[1])
    return 0


def test_new_memory_is_put_into_huge_pages_and_holds_what_it_held() -> None:
    if not GIVES.exists() or "[never]" in GIVES.read_text(encoding="ascii"):
        pytest.skip("huge pages: this kernel has none, or is told to give none")
    before = own_memory()
    memory = mmap.mmap(-1, 16 * MIB, flags=OWN)
    values = np.frombuffer(memory, np.uint8)
    values[:] = np.arange(len(values)) % 251
    into_huge_pages(before)
    assert huge_kib_at(values.ctypes.data + 8 * MIB) >= 8 * 1024
    assert (values == np.arange(len(values)) % 251).all()


def test_what_was_there_before_and_what_is_small_are_left_alone() -> None:
    memory = mmap.mmap(-1, 16 * MIB, flags=OWN)
    values = np.frombuffer(memory, np.uint8)
    values[:] = 1
    huge_kib = huge_kib_at(values.ctypes.data)
    before = own_memory()
    small = mmap.mmap(-1, MIB, flags=OWN)
    into_huge_pages(before)
    assert huge_kib_at(values.ctypes.data) == huge_kib
    assert len(small) == MIB


def test_the_stack_and_files_are_not_among_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(8 * MIB))
    with path.open("r+b") as file:
        mapped = np.frombuffer(mmap.mmap(file.fileno(), 0), np.uint8)
        address = mapped.ctypes.data
        assert not any(start <= address < end for start, end in own_memory())
