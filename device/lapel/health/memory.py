"""Holds no more memory than is in use, and gives back what only the start of a process needed."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

# madvise(2): drop pages; those of a file are read again where they are wanted.
_DONT_NEED = 4
# mallopt(3) of glibc: from which length on memory is asked of the system, and how much free memory is kept at the end.
_TRIM, _MMAP = -1, -3
_LARGE_BYTES = 1 << 20
_MAPPED = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) ")


def give_back_at_once() -> None:
    """From now on, let buffers from a megabyte on go back to the system when they are freed, always.

    Otherwise glibc raises that length to that of the largest which was freed, up to 32 MiB, and keeps as much: between
    two looks a watch then holds what the details of a picture took, among what is still in use.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # glibc's alone
        library.mallopt(_MMAP, _LARGE_BYTES)
        library.mallopt(_TRIM, _LARGE_BYTES)


def give_back() -> None:
    """Drop pages of programs, libraries and models that are as they are in their files, and what the C library keeps.

    A library's start-up code and a model's weights before they were packed are used once. What is used again comes back
    from the file, within microseconds. Where the system does not say what is mapped, nothing is dropped.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):  # glibc's alone
        library.malloc_trim(0)
    try:
        spans = list(_unchanged(Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return
    for start, end in spans:
        span = (ctypes.c_void_p(start), ctypes.c_size_t(end - start))
        library.munlock(*span)  # what is locked is kept, and what is in a file is never in swap
        library.madvise(*span, _DONT_NEED)


def _unchanged(smaps: str) -> Iterator[tuple[int, int]]:
    """Where files are mapped (proc_pid_smaps(5)) that cannot be written to here, and of which no page was ever changed:
    one that was, by relocation for example, would be lost."""
    span: tuple[int, int] | None = None
    for line in smaps.splitlines():
        if found := _MAPPED.match(line):
            start, end, may, inode = found.groups()
            span = (int(start, 16), int(end, 16)) if inode != "0" and may[1] == "-" else None
        elif span is not None and line.startswith("Anonymous:") and line.split()[1] == "0":
            yield span
