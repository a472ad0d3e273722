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
_MAPPED = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(.*)")
# A library, by its name; it stays where it is until the process ends, where a model's place may become other memory.
_LIBRARY = re.compile(r"\.so(\.|$)")
# Less of a library is not worth a system call at every look.
_WORTH_BYTES = 256 << 10

Span = tuple[int, int]


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
    _trim()
    for span in _mapped():
        _drop(span)


class Libraries:
    """Pages of libraries, to be given back before each step that needs much memory of its own.

    A watch runs through a large part of them, and through each in turn: between two looks 48 MiB of them were mapped,
    and what a look begins with needs 13. They stay in the system's cache, from which a page comes back within
    microseconds. Which they are is asked once.
    """

    def __init__(self) -> None:
        self._spans: tuple[Span, ...] | None = None

    def give_back(self) -> None:
        """Drop their pages, and what the C library keeps. Any thread may ask."""
        _trim()
        if self._spans is None:
            found = _mapped(_LIBRARY)
            self._spans = tuple((start, end) for start, end in found if end - start >= _WORTH_BYTES)
        for span in self._spans:
            _drop(span)


def _trim() -> None:
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):  # glibc's alone
        library.malloc_trim(0)


def _drop(span: Span) -> None:
    start, end = span
    place = (ctypes.c_void_p(start), ctypes.c_size_t(end - start))
    library = ctypes.CDLL(None)
    library.munlock(*place)  # what is locked is kept; it is all in its file, as it is here
    library.madvise(*place, _DONT_NEED)


def _mapped(named: re.Pattern[str] = re.compile("")) -> list[Span]:
    try:
        return list(_unchanged(Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace"), named))
    except OSError:
        return []


def _unchanged(smaps: str, named: re.Pattern[str]) -> Iterator[Span]:
    """Where files of such names are mapped (proc_pid_smaps(5)) that cannot be written to here, and of which no page was
    ever changed: one that was, by relocation for example, would be lost, in memory (Anonymous) or in swap."""
    span: Span | None = None
    is_unchanged = False
    for line in smaps.splitlines():
        if found := _MAPPED.match(line):
            start, end, may, inode, name = found.groups()
            is_file = inode != "0" and may[1] == "-" and named.search(name)
            span, is_unchanged = (int(start, 16), int(end, 16)) if is_file else None, False
        elif line.startswith("Anonymous:"):
            is_unchanged = line.split()[1] == "0"
        elif span is not None and is_unchanged and line.startswith("Swap:") and line.split()[1] == "0":
            yield span
