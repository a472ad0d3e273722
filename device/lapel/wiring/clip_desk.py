"""Clips for whoever may look at them: listed, shown, exported and purged, each act recorded before it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lapel.clips.sheet import contact_sheet
from lapel.core.clip_records import ClipHead, Purged, export_event, purge_event
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, RecordKind
from lapel.errors import Tampered, UsageError
from lapel.ports import Clock, KeyProvider
from lapel.store.atomic import write_whole
from lapel.store.clips import FOLDER, SealedClips
from lapel.store.journal import SealedJournal, journal_of
from lapel.wiring.handover import Handed, hand_over

LATEST = "latest"
_FEWEST_LETTERS = 4
FILM, SHEET = "film", "contact sheet"


@dataclass(frozen=True, slots=True)
class ListedClip:
    """What the journal says of a clip. ``from_s`` is the stream time of the first of its ``stills``. ``is_there``: its
    file is; ``purged`` says why it is not, empty where nothing says so. ``exports`` counts what left the seal."""

    clip: str
    at: str
    alerts: tuple[str, ...]
    entries: str
    from_s: float
    seconds: float
    stills: int
    film_bytes: int
    sha256: str
    is_there: bool
    purged: str
    exports: int

    @property
    def is_missing(self) -> bool:
        """Whether it is gone without a record of its going."""
        return not self.is_there and not self.purged


@dataclass(frozen=True, slots=True)
class Reason:
    """Who does something with a clip, and why."""

    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The clips of a state folder, beside a running lookout or without one."""

    state: Path
    keys: KeyProvider
    clock: Clock

    def listed(self) -> tuple[ListedClip, ...]:
        """Every clip that was ever recorded, oldest first. Raises: UsageError (no journal), Tampered, StoreError."""
        path = journal_of(self.state)
        there = {each.clip for each in self._clips.kept()}
        with SealedJournal(path, self.keys, self.clock, read_only=True) as journal:
            made, exported, purged = (
                [(record.at, dict(parse_body(record.body).facts)) for record in journal.of_kind(kind)]
                for kind in (RecordKind.CLIP, RecordKind.EXPORT, RecordKind.PURGE)
            )
        exports = [facts["clip"] for _, facts in exported]
        reasons = {str(facts["clip"]): _said(facts) for _, facts in purged}
        return tuple(
            ListedClip(
                clip := str(facts["clip"]),
                at,
                tuple(str(facts["alerts"]).split()),
                str(facts["entries"]),
                float(str(facts["from_s"])),
                float(str(facts["seconds"])),
                int(str(facts["stills"])),
                int(str(facts["bytes"])),
                str(facts["sha256"]),
                clip in there,
                reasons.get(clip, ""),
                exports.count(clip),
            )
            for at, facts in made
        )

    def named(self, name: str) -> ListedClip:
        """The clip that a name means: the beginning of its id, or of an alert's record in it, or ``latest``.

        Raises: UsageError.
        """
        listed = self.listed()
        if name == LATEST:
            found = [each for each in listed if each.is_there][-1:]
        else:
            found = [c for c in listed if len(name) >= _FEWEST_LETTERS and any(a.startswith(name) for a in c.alerts)]
        if len(found) != 1:
            what = "no clip" if not found else f"{len(found)} clips"
            raise UsageError(f"clip {name!r}: means {what}; give four letters or more of an id of lapel clip list")
        if not found[0].is_there:
            raise UsageError(f"clip {name!r}: is gone: {found[0].purged or 'without a record'}")
        return found[0]

    def export(self, name: str, target: Path, reason: Reason) -> Path:
        """Write a film in the clear, mode 0600; into a folder under its own name. The file that was written.

        Raises: UsageError, Tampered, StoreError, Refused.
        """
        head, film = self._read(name)
        path = target / f"{head.id}.{head.format.value}" if target.is_dir() else target
        self._write(path, film, export_event(head.id, FILM, head.sha256, reason.by, reason.why))
        return path

    def show(self, name: str, target: Path, reason: Reason) -> Path:
        """Write a contact sheet in the clear, which is an export as well. Raises: as ``export``, MediaError."""
        head, film = self._read(name)
        sheet = contact_sheet(head, film)
        path = target / f"{head.id}.jpg" if target.is_dir() else target
        self._write(path, sheet, export_event(head.id, SHEET, sha256(sheet).hexdigest(), reason.by, reason.why))
        return path

    def purge(self, names: Sequence[str], reason: Reason) -> Iterator[str]:
        """Remove clips; their records stay. The id of each that is removed; none is where a name means none.

        Raises: UsageError, StoreError, Refused.
        """
        # What ``latest`` means is another clip once that is removed.
        for clip in dict.fromkeys([self.named(name).clip for name in names]):
            self._record(purge_event(clip, Purged.HAND, reason.by, reason.why))
            self._clips.remove(clip)
            yield clip

    @property
    def _clips(self) -> SealedClips:
        return SealedClips(self.state / FOLDER, self.keys)

    def _read(self, name: str) -> tuple[ClipHead, bytes]:
        listed = self.named(name)
        head, film = self._clips.read(listed.clip)
        if sha256(film).hexdigest() != listed.sha256:
            raise Tampered(f"clip {listed.clip}: is not the film that its record names; keep it for examination")
        return head, film

    def _write(self, path: Path, content: bytes, event: Event) -> None:
        if path.exists():
            raise UsageError(f"{path}: is there already; name another file")
        write_whole(path, _then(content, lambda: self._record(event)))

    def _record(self, event: Event) -> Handed:
        return hand_over(self.state, event, self.keys, self.clock)


def _then(content: bytes, record: Callable[[], object]) -> Iterator[bytes]:
    """The content, and once all of it lies on the disk's side, the record: only then does the file get its name."""
    yield content
    record()


def _said(facts: dict[str, Fact]) -> str:
    by = f", {facts['by']}: {facts['why']}" if facts["by"] else ""
    return f"{facts['reason']}{by}"
