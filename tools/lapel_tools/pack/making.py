"""Makes an evidence pack from a device's state folder. That it leaves the seal is a record first, as of every clip."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from lapel.core.checkpoint import parse_checkpoint
from lapel.core.clip_records import FilmFormat, export_event
from lapel.core.proof import verify_consistency
from lapel.core.record_body import parse_body
from lapel.core.records import Record, RecordKind
from lapel.core.signed_note import NoteKey, SignedNote, parse_note
from lapel.errors import StoreError, Tampered, UsageError
from lapel.ports import Clock, KeyProvider
from lapel.store.clips import FOLDER, SealedClips
from lapel.store.gallery import open_gallery
from lapel.store.journal import SealedJournal, journal_of
from lapel.store.signing import is_signed, signer_of
from lapel.store.witnessed import witnessed_note
from lapel.wiring.handover import hand_over
from lapel_tools.pack import contents as of
from lapel_tools.pack.container import Files, packed

_FEWEST_LETTERS = 4
_AT_ONCE = 500
_LOOK_AGAIN_S = 0.5
PATIENCE_S = 90.0
"""A lookout signs its journal's head at least once a minute where something was recorded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pack is to hold. ``record``: the number of a record, or four letters or more of its id; ``watchlist``: the
    list's file and what opens it, None for a pack without terms; ``audit``: every leaf and signed head as well."""

    record: str
    watchlist: tuple[Path, KeyProvider] | None
    by: str
    why: str
    audit: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A device's state folder, beside a running lookout or without one."""

    state: Path
    keys: KeyProvider
    clock: Clock

    def journal(self) -> SealedJournal:
        """The journal, to be read. Raises: UsageError, WrongKey, StoreError."""
        return SealedJournal(journal_of(self.state), self.keys, self.clock, read_only=True)


def make_pack(source: Source, wanted: Wanted, wait: Callable[[float], None] = time.sleep) -> bytes:
    """The bytes of a pack; its export is recorded. Raises: UsageError, Tampered, Refused, StoreError."""
    with source.journal() as journal:
        records, parts = _gathered(source, journal, wanted)
    manifest = of.manifest_of(parts)
    record = records[of.RECORD]
    event = export_event(record.id, of.FORM, sha256(manifest).hexdigest(), wanted.by, wanted.why)
    handed = hand_over(source.state, event, source.keys, source.clock)
    with source.journal() as journal:
        note, size = _signed_after(journal, handed.sequence, wait)
        (records[of.EXPORT],) = journal.after(handed.sequence - 1, 1)
        places = {
            name: of.Place(each.sequence, journal.prove_inclusion(each.sequence, size))
            for name, each in records.items()
        }
        audit = dict(_audit(journal, size)) if wanted.audit else {}
        if of.WITNESS in parts:
            witnessed = _size(parse_note(parts[of.WITNESS].decode()))
            audit[of.GROWN] = of.encoded_growth(journal.prove_consistency(witnessed, size))
    key = _key(source, record)
    seals = {
        of.EXPORT: records[of.EXPORT].body,
        of.PROOFS: of.encoded_proofs(places),
        of.CHECKPOINT: str(note).encode(),
        of.KEY: str(key).encode(),
    }
    files = parts | {of.MANIFEST: manifest} | seals | audit
    return packed({name: files[name] for name in of.ORDER if name in files})


def _gathered(source: Source, journal: SealedJournal, wanted: Wanted) -> tuple[dict[str, Record], Files]:
    record = _named(journal, wanted.record)
    records = {of.RECORD: record}
    for name, kind in ((of.START, RecordKind.START), (of.LIST, RecordKind.LIST)):
        before = [each for each in journal.of_kind(kind) if each.sequence <= record.sequence]
        if not before:
            raise UsageError(f"record {record.sequence}: no {kind.value} was recorded before it; a pack is of a watch")
        records[name] = before[-1]
    parts: Files = {of.README: of.EXPLAINED.encode()}
    if record.picture:
        parts[of.PICTURE] = record.picture
    clip = _clip(source, journal, record)
    if clip is not None:
        records[of.CLIP], name, parts[name] = clip
    if note := _witnessed(source, journal, record):
        parts[of.WITNESS] = note.encode()
    if wanted.watchlist is not None:
        parts[of.TERMS] = _terms(record, *wanted.watchlist)
    return records, parts | {name: each.body for name, each in records.items()}


def _named(journal: SealedJournal, name: str) -> Record:
    # An id is hexadecimal, and may begin with digits alone: such a name is looked for as both.
    found: dict[int, Record] = {}
    if name.isdecimal() and len(name) < _FEWEST_LETTERS * 3:
        found = {each.sequence: each for each in journal.after(int(name) - 1, 1) if each.sequence == int(name)}
    if len(name) >= _FEWEST_LETTERS:
        found |= {each.sequence: each for each in _all(journal) if each.id.startswith(name)}
    if len(found) != 1:
        what = f"{len(found)} records, by number or id" if found else "no record"
        raise UsageError(f"record {name!r}: means {what}; give its number, or four letters or more of its id")
    return next(iter(found.values()))


def _all(journal: SealedJournal) -> Iterator[Record]:
    after = -1
    while records := journal.after(after, _AT_ONCE):
        yield from records
        after = records[-1].sequence


def _clip(source: Source, journal: SealedJournal, record: Record) -> tuple[Record, str, bytes] | None:
    """The clip around an alert: its record, its name in a pack, its film; None where none was made, or it is gone."""
    clips = SealedClips(source.state / FOLDER, source.keys)
    there = {each.clip for each in clips.kept()}
    for made in journal.of_kind(RecordKind.CLIP):
        facts = dict(parse_body(made.body).facts)
        if record.id in str(facts["alerts"]).split() and str(facts["clip"]) in there:
            head, film = clips.read(str(facts["clip"]))
            if sha256(film).hexdigest() != facts["sha256"]:
                raise Tampered(f"clip {head.id}: is not the film that its record names; keep it for examination")
            return made, of.FILMS[head.format is FilmFormat.H264], film
    return None


def _witnessed(source: Source, journal: SealedJournal, record: Record) -> str:
    """The last note that the station signed as well; empty where there is none of this journal."""
    text, last = witnessed_note(source.state), journal.last_checkpoint()
    if not text or last is None:
        return ""
    try:
        note = parse_note(text)
        head, newest = parse_checkpoint(note.text).head, parse_checkpoint(last.text).head
        proof = journal.prove_consistency(head.size, newest.size)
        is_ours = is_signed(note, _key(source, record)) and verify_consistency(head, newest, proof)
    except ValueError:
        return ""
    return text if is_ours else ""


def _key(source: Source, record: Record) -> NoteKey:
    return signer_of(source.state, parse_body(record.body).device, source.keys).key


def _terms(record: Record, path: Path, keys: KeyProvider) -> bytes:
    facts = dict(parse_body(record.body).facts)
    listed = open_gallery(path, keys)
    if (facts.get("list_id"), facts.get("list_version")) != (listed.terms.list_id, listed.terms.version):
        raise UsageError(
            f"{path}: is version {listed.terms.version} of {listed.terms.list_id}, and the record is of version "
            f"{facts.get('list_version')} of {facts.get('list_id')}; give that one, or --no-terms"
        )
    entries = (listed.entry_at(number) for number in range(listed.entry_count))
    entry = next((each for each in entries if each.id == facts.get("entry")), None)
    if entry is None:
        raise UsageError(f"{path}: has no entry {facts.get('entry')!r}; give the list of that day, or --no-terms")
    said = asdict(entry) | {"kind": entry.kind.value, "expires": entry.expires.isoformat(), "codes": list(entry.codes)}
    return of.canonical(
        {
            "entry": entry.id,
            "list_id": listed.terms.list_id,
            "list_version": listed.terms.version,
            "list_expires": listed.terms.expires.isoformat(),
            "described_by": listed.model_sha256,
            "terms": said,
        }
    )


def _signed_after(journal: SealedJournal, sequence: int, wait: Callable[[float], None]) -> tuple[SignedNote, int]:
    """The first head that was signed after a record; a running lookout takes up to a minute."""
    for _ in range(int(PATIENCE_S / _LOOK_AGAIN_S)):
        found = journal.checkpoints(sequence, 1)
        if found:
            return found[0], _size(found[0])
        wait(_LOOK_AGAIN_S)
    raise StoreError(
        f"{journal.path}: its head was not signed in {PATIENCE_S:.0f} s after the export was recorded; restart the "
        "lookout, whose notices say why, and make the pack again"
    )


def _size(note: SignedNote) -> int:
    return parse_checkpoint(note.text).head.size


def _audit(journal: SealedJournal, size: int) -> Iterator[tuple[str, bytes]]:
    with journal.stored() as (_, rows):
        yield of.LEAVES, b"".join(row.leaf for row in rows if row.sequence < size)
    notes: list[SignedNote] = []
    after = 0
    while found := journal.checkpoints(after, _AT_ONCE):
        notes += [note for note in found if _size(note) <= size]
        after = _size(found[-1])
    yield of.CHECKPOINTS, of.encoded_notes(map(str, notes))
