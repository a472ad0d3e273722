"""What one administrator alone may do: withdraw an entry or a whole list. Pure.

A withdrawal only ever takes away, so one signature is enough and no device need be asked twice. It holds until a list
that two signed says that it was considered: ``settled`` of a manifest is the serial up to which its signers knew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

LONGEST_REASON = 500
SETTLED = "several withdrawals, which newer versions of the list have settled; take the newest"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """``entry_id`` is empty where the whole list is withdrawn. ``serial`` counts from 1 over all lists of an
    authority; ``at`` is RFC 3339, as whoever withdrew had it."""

    serial: int
    list_id: str
    entry_id: str
    reason: str
    by: str
    at: str

    def __post_init__(self) -> None:
        if self.serial < 1 or not self.list_id or not self.reason or len(self.reason) > LONGEST_REASON:
            raise ValueError(f"withdrawal {self.serial} of {self.list_id!r}: needs a serial, a list and a reason")
        # Whoever reads it refuses all withdrawals for one such: it must not be written, either.
        texts = {"list": self.list_id, "entry": self.entry_id, "reason": self.reason, "name": self.by, "time": self.at}
        for name, text in texts.items():
            if not text.isprintable():
                raise ValueError(f"withdrawal {self.serial}: its {name} {text!r} cannot be printed in one line")


@dataclass(frozen=True, slots=True)
class Suspended:
    """What of one list must not match."""

    whole_list: bool
    entry_ids: frozenset[str]

    def covers(self, entry_id: str) -> bool:
        """Whether an entry must not match."""
        return self.whole_list or entry_id in self.entry_ids

    def beyond(self, before: Suspended) -> tuple[str, ...]:
        """What is suspended now and was not before: ids, "" for the whole list."""
        whole = ("",) if self.whole_list and not before.whole_list else ()
        return (*whole, *sorted(self.entry_ids - before.entry_ids))


NOTHING = Suspended(False, frozenset())
EVERYTHING = Suspended(True, frozenset())


def suspended(withdrawals: Iterable[Withdrawal], list_id: str, settled: int) -> Suspended:
    """What is withdrawn of a list beyond what its signers knew."""
    ours = [each for each in withdrawals if each.list_id == list_id and each.serial > settled]
    return Suspended(any(not each.entry_id for each in ours), frozenset(each.entry_id for each in ours) - {""})


def united(seen: Iterable[Withdrawal], published: Iterable[Withdrawal]) -> tuple[Withdrawal, ...]:
    """All that was ever seen, by serial: what one administrator withdrew another alone must not bring back by leaving
    it out, or by taking its serial."""
    return tuple(sorted({*seen, *published}, key=lambda each: (each.serial, each.list_id, each.entry_id)))


def without_settled(withdrawals: Iterable[Withdrawal], settled: Mapping[str, int]) -> tuple[Withdrawal, ...]:
    """Fewer that take away no less, by serial: those of a list up to the serial that its published version settles
    become one of the whole list, with the last of their serials. Whoever has that version may go on; whoever has an
    older one is told nothing of until it has taken it. The newest serial stays what it is."""
    found = list[Withdrawal]()
    old: dict[str, list[Withdrawal]] = {}
    for each in sorted(withdrawals, key=lambda each: each.serial):
        is_old = each.serial <= settled.get(each.list_id, 0)
        (old.setdefault(each.list_id, []) if is_old else found).append(each)
    for many in old.values():
        found.append(many[0] if len(many) == 1 else replace(many[-1], entry_id="", reason=SETTLED))
    return tuple(sorted(found, key=lambda each: each.serial))


def newest_serial(withdrawals: Iterable[Withdrawal]) -> int:
    """The serial of the last one; 0 before the first."""
    return max((each.serial for each in withdrawals), default=0)
