"""The journal as what sends it reads it: there is no other outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lapel.core.chain import CompactRange
from lapel.core.records import Head, Record, RecordKind


class Outbox(Protocol):
    """A journal that another process writes."""

    def head(self) -> Head:
        """The head of the chain over everything kept."""
        ...

    def to_send(self, sequence: int, limit: int) -> Sequence[Record]:
        """At most ``limit`` records with a sequence above ``sequence``, oldest first; of those that were given up leaf,
        kind and time."""
        ...

    def newest(self, kind: RecordKind, first: int, limit: int) -> Sequence[Record]:
        """The newest records of a kind, newest first, none with a sequence below ``first``."""
        ...

    def tree_at(self, size: int) -> CompactRange:
        """The tree over the first ``size`` records, which are kept."""
        ...
