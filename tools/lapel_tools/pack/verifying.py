"""Checks an evidence pack by nothing but itself, and a device's key where one is given. Pure.

What it shows: the record, as it is here, was in the device's tree when the device signed its head, and everything
else in the pack is what the device exported with it. Whether that device is the one it should be, its key alone tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from lapel.core.chain import HASH_BYTES, CompactRange, leaf_hash
from lapel.core.checkpoint import Checkpoint, parse_checkpoint
from lapel.core.proof import verify_consistency, verify_inclusion
from lapel.core.record_body import Body, parse_body, picture_sha256, record_from
from lapel.core.records import Head, RecordKind
from lapel.core.signed_note import NoteKey, parse_key, parse_note
from lapel.errors import Tampered
from lapel.store.signing import is_signed
from lapel_tools.pack import contents as of
from lapel_tools.pack.container import Files, unpacked
from lapel_tools.station.cosigning import cosigned_at

_KINDS = {of.START: RecordKind.START, of.LIST: RecordKind.LIST, of.CLIP: RecordKind.CLIP, of.EXPORT: RecordKind.EXPORT}


@dataclass(frozen=True, slots=True)
class Witness:
    """What a station signed as well: how many records, and when (seconds since 1970). ``at_s`` is None where no key of
    it was given, and ``by`` then only says who it claims to be."""

    size: int
    by: str
    at_s: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pack shows. ``checkpoints`` are the signed heads, each consistent with each, the smallest first; without
    ``leaves``, the last one alone."""

    key: NoteKey
    record: Body
    id: str
    export: Body
    head: Head
    parts: tuple[str, ...]
    checkpoints: tuple[Head, ...]
    leaves: bytes
    witness: Witness | None

    @property
    def device(self) -> str:
        """Whose record it is."""
        return self.record.device


def verify_pack(data: bytes, key: NoteKey | None = None, station: NoteKey | None = None) -> Shown:
    """What a pack shows. ``key``: the device's, and ``station``: the station's, where they are known; a pack without
    what the station signed is none then. Raises: Tampered, naming the part that is wrong."""
    try:
        files = unpacked(data)
        _check_names(files)
        _check_manifest(files)
        bodies = {name: _body(name, files[name]) for name in of.RECORDS if name in files}
        signed_by = parse_key(_text(files, of.KEY))
        checkpoint = _checkpoint(of.CHECKPOINT, _text(files, of.CHECKPOINT), signed_by)
        _check_device(bodies, checkpoint, signed_by, key)
        _check_places(files, bodies, checkpoint.head)
        _check_record(files, bodies)
        return Shown(
            signed_by,
            bodies[of.RECORD],
            _id(files[of.RECORD]),
            bodies[of.EXPORT],
            checkpoint.head,
            tuple(files),
            tuple(_checkpoints(files, checkpoint, signed_by)),
            files.get(of.LEAVES, b""),
            _witness(files, checkpoint, signed_by, station),
        )
    except ValueError as error:
        raise Tampered(f"this pack proves nothing: {error}") from error


def _check_names(files: Files) -> None:
    missing = [name for name in of.NEEDED if name not in files]
    if missing:
        raise ValueError(f"{', '.join(missing)}: missing")
    if tuple(files) != tuple(name for name in of.ORDER if name in files):
        raise ValueError("it holds what is not a part of a pack, or its parts in another order")
    for pair in (of.AUDIT, (of.WITNESS, of.GROWN)):
        if len({name in files for name in pair}) != 1:
            raise ValueError(f"{' and '.join(pair)} go together")


def _check_manifest(files: Files) -> None:
    named = of.hashes_in(files[of.MANIFEST])
    there = files.keys() & set(of.PARTS)
    if named.keys() != there:
        raise ValueError(f"{of.MANIFEST}: names other parts than are here")
    for name in sorted(there):
        if sha256(files[name]).hexdigest() != named[name]:
            raise ValueError(f"{name}: does not have the SHA-256 in {of.MANIFEST}")


def _body(name: str, data: bytes) -> Body:
    try:
        body = parse_body(data)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if name in _KINDS and body.kind is not _KINDS[name]:
        raise ValueError(f"{name}: is a record of kind {body.kind.value}")
    return body


def _checkpoint(name: str, text: str, key: NoteKey) -> Checkpoint:
    note = parse_note(text)
    if len(note.signatures) != len(note.by(key)) or not is_signed(note, key):
        raise ValueError(f"{name}: is not signed by the device's key")
    return parse_checkpoint(note.text)


def _witness(files: Files, last: Checkpoint, key: NoteKey, station: NoteKey | None) -> Witness | None:
    """What the station signed, held against the device's head."""
    if of.WITNESS not in files:
        if station is not None:
            raise ValueError(f"{of.WITNESS}: missing; no station has signed anything in it")
        return None
    note = parse_note(_text(files, of.WITNESS))
    earlier = parse_checkpoint(note.text)
    others = [each.name for each in note.signatures if (each.name, each.key_id) != (key.name, key.id)]
    if earlier.origin != last.origin or not is_signed(note, key) or not others:
        raise ValueError(f"{of.WITNESS}: is not signed by the device and by a station")
    if not verify_consistency(earlier.head, last.head, of.growth_in(files[of.GROWN])):
        raise ValueError(f"{of.GROWN}: does not prove that the device only added to what the station signed")
    at_s = cosigned_at(note, station) if station else None
    if station and at_s is None:
        raise ValueError(f"{of.WITNESS}: is not signed by the station whose key was given")
    return Witness(earlier.head.size, station.name if station else others[0], at_s)


def _check_device(bodies: dict[str, Body], checkpoint: Checkpoint, signed_by: NoteKey, key: NoteKey | None) -> None:
    names = {signed_by.name, checkpoint.origin, *(body.device for body in bodies.values())}
    if len(names) != 1:
        raise ValueError(f"its parts are of several devices: {', '.join(sorted(names))}")
    if key is not None and key != signed_by:
        raise ValueError(f"it was signed by {signed_by}, which is not the key that was given")


def _check_places(files: Files, bodies: dict[str, Body], head: Head) -> None:
    places = of.places_in(files[of.PROOFS])
    if places.keys() != bodies.keys():
        raise ValueError(f"{of.PROOFS}: proves other records than are here")
    for name, place in places.items():
        leaf = leaf_hash(files[name])
        if bodies[name].sequence != place.sequence or not verify_inclusion(leaf, place.sequence, head, place.proof):
            raise ValueError(f"{name}: is not proved to be record {place.sequence} under the signed head")


def _check_record(files: Files, bodies: dict[str, Body]) -> None:
    """Whether what stands beside the record belongs to it."""
    record, export, named = bodies[of.RECORD], dict(bodies[of.EXPORT].facts), _id(files[of.RECORD])
    wanted = {"clip": named, "form": of.FORM, "sha256": sha256(files[of.MANIFEST]).hexdigest()}
    if any(export.get(name) != value for name, value in wanted.items()):
        raise ValueError(f"{of.EXPORT}: records the export of something else")
    if not (isinstance(export.get("by"), str) and isinstance(export.get("why"), str)):
        raise ValueError(f"{of.EXPORT}: does not say who made the pack, and why")
    if record.picture_sha256 != picture_sha256(files.get(of.PICTURE, b"")):
        raise ValueError(f"{of.PICTURE}: is not the picture of the record")
    before = max(bodies[of.START].sequence, bodies[of.LIST].sequence)
    if not before <= record.sequence < bodies[of.EXPORT].sequence:
        raise ValueError("its records are not in the order in which they came")
    films = [name for name in of.FILMS if name in files]
    if len(films) != (of.CLIP in bodies):
        raise ValueError(f"{of.CLIP}: there is no one film to it")
    for film in films:
        said = dict(bodies[of.CLIP].facts)
        if said.get("sha256") != sha256(files[film]).hexdigest() or named not in str(said.get("alerts")).split():
            raise ValueError(f"{film}: is not the clip of the record")
    if of.TERMS in files:
        terms, facts = of.parsed(files[of.TERMS]), dict(record.facts)
        if any(terms.get(name) != facts.get(name) for name in ("entry", "list_id", "list_version")):
            raise ValueError(f"{of.TERMS}: are those of another entry or list")


def _checkpoints(files: Files, last: Checkpoint, key: NoteKey) -> Iterator[Head]:
    """Every signed head, computed from the leaves: all of one tree, so each is consistent with each."""
    if of.LEAVES not in files:
        yield last.head
        return
    leaves = files[of.LEAVES]
    if len(leaves) != last.head.size * HASH_BYTES:
        raise ValueError(f"{of.LEAVES}: does not hold the leaves under the signed head")
    due = [_checkpoint(of.CHECKPOINTS, note, key) for note in of.notes_in(files[of.CHECKPOINTS])]
    wanted = {each.head.size: each for each in due}
    if last.head.size not in wanted or len(wanted) != len(due):
        raise ValueError(f"{of.CHECKPOINTS}: lacks the last head, or has one twice")
    tree = CompactRange()
    for at in range(0, len(leaves), HASH_BYTES):
        tree = tree.append(leaves[at : at + HASH_BYTES])
        if tree.size in wanted:
            earlier = wanted.pop(tree.size)
            if earlier != Checkpoint(last.origin, tree.head()):
                raise ValueError(f"{of.CHECKPOINTS}: the head of {tree.size} records is not that of these leaves")
            yield earlier.head
    if wanted:
        raise ValueError(f"{of.CHECKPOINTS}: has heads of more records than there are")


def _text(files: Files, name: str) -> str:
    return files[name].decode()


def _id(body: bytes) -> str:
    return record_from(body).id
