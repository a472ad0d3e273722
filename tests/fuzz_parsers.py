"""Fuzzes every parser of what comes over the network, guided by which code its input reaches.

Not part of the suite: atheris is in no lock. In an environment of its own, with this folder, device and tools on
PYTHONPATH: ``pip install atheris``, then ``python tests/fuzz_parsers.py CORPUS -max_total_time=600``. It ends at the
first input that does anything else than be taken or refused, and keeps it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lapel", "lapel_tools", "json"]):
    from bad_input import PARSERS, refused_by_the_station, refused_or_taken, relabelled

NAMES = tuple(PARSERS)


def try_one(data: bytes) -> None:
    """The first byte chooses a parser."""
    if not data:
        return
    refused_or_taken(NAMES[data[0] % len(NAMES)], data[1:])
    refused_by_the_station(relabelled(data[1:]))


def main() -> None:
    """Begin with what is right."""
    corpus = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    for folder in map(Path, corpus):
        folder.mkdir(exist_ok=True)
        for number, parser in enumerate(PARSERS.values()):
            (folder / NAMES[number]).write_bytes(bytes((number,)) + parser.right)
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
