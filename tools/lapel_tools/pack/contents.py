"""What stands in an evidence pack, by name, and how its parts are bound to each other. Pure.

The manifest holds the SHA-256 of every part, and the device's own record of the export holds that of the manifest; that
record, like the others, is proved to be under a head which the device has signed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from lapel_tools.pack.container import Files

FORM = "evidence pack"
"""What the record of its export calls it."""
FORMAT = 1
README, MANIFEST = "README.txt", "manifest.json"
RECORD, PICTURE, TERMS, WITNESS = "record.json", "picture.jpg", "terms.json", "witness.txt"
START, LIST, CLIP = "start.json", "list.json", "clip.json"
FILMS = ("clip.avi", "clip.mp4")
EXPORT, PROOFS, CHECKPOINT, KEY = "export.json", "proofs.json", "checkpoint.txt", "key.txt"
GROWN = "witness-proof.json"
LEAVES, CHECKPOINTS = "leaves.bin", "checkpoints.json"
PARTS = (README, RECORD, PICTURE, TERMS, WITNESS, START, LIST, CLIP, *FILMS)
"""What a manifest names."""
SEALS = (EXPORT, PROOFS, CHECKPOINT, KEY)
AUDIT = (LEAVES, CHECKPOINTS)
NEEDED = (README, RECORD, START, LIST, MANIFEST, *SEALS)
ORDER = (*PARTS, MANIFEST, *SEALS, GROWN, *AUDIT)
RECORDS = (RECORD, START, LIST, CLIP, EXPORT)
"""Bodies of records, each proved to be in the device's tree."""
EXPLAINED = """\
Evidence of one record of a device of Lapel, which looks out for things and never for people. A possible match to
check, and not proof of anything by itself.

record.json     what the device kept: what may have been seen, when, how surely; picture.jpg is what it saw of it, faces
                destroyed
clip.json       what it kept of the clip around it, which is clip.avi or clip.mp4
terms.json      the listed thing, why it was listed, by whose authority and until when
list.json       the list in force; start.json: hardware, and the SHA-256 of every model
export.json     that this pack was made, by whom and why; it names the SHA-256 of manifest.json, which names all others
proofs.json     that each of these records is in the device's tree (RFC 6962) under the head in checkpoint.txt
checkpoint.txt  that head, signed by the device (C2SP signed note); key.txt is its public key
witness.txt     the last head before the export that the station signed as well, with its time;
                witness-proof.json proves that the head in checkpoint.txt only added to it
leaves.bin      where it is there: every leaf of the tree, in order, 32 bytes each
checkpoints.json  where it is there: every head that the device signed

Check it on any computer: lapel-admin pack verify FILE
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in the tree, and the hashes that prove it."""

    sequence: int
    proof: tuple[bytes, ...]


def manifest_of(parts: Files) -> bytes:
    """The manifest over these parts."""
    return canonical({"files": {name: sha256(data).hexdigest() for name, data in parts.items()}, "format": FORMAT})


def hashes_in(manifest: bytes) -> dict[str, str]:
    """Name and SHA-256 of every part. Raises: ValueError for what is no manifest of this format."""
    said = parsed(manifest)
    if said.keys() != {"files", "format"} or said["format"] != FORMAT or not isinstance(said["files"], dict):
        raise ValueError(f"{MANIFEST}: not of format {FORMAT}; a newer Lapel may read it")
    return cast("dict[str, str]", said["files"])


def encoded_proofs(places: dict[str, Place]) -> bytes:
    """Where records stand, by the name of their part."""
    return canonical(
        {
            name: {"sequence": place.sequence, "proof": [each.hex() for each in place.proof]}
            for name, place in places.items()
        }
    )


def places_in(proofs: bytes) -> dict[str, Place]:
    """What ``encoded_proofs`` wrote. Raises: ValueError."""
    try:
        found = {
            name: Place(int(str(said["sequence"])), tuple(map(bytes.fromhex, cast("list[str]", said["proof"]))))
            for name, said in cast("dict[str, dict[str, object]]", parsed(proofs)).items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{PROOFS}: holds no proofs: {error}") from error
    if encoded_proofs(found) != proofs:
        raise ValueError(f"{PROOFS}: is not written as proofs are")
    return found


def encoded_growth(proof: tuple[bytes, ...]) -> bytes:
    """That the last head grew from the witnessed one."""
    return canonical({"proof": [each.hex() for each in proof]})


def growth_in(data: bytes) -> tuple[bytes, ...]:
    """What ``encoded_growth`` wrote. Raises: ValueError."""
    said = parsed(data).get("proof")
    proof = tuple(bytes.fromhex(str(each)) for each in said) if isinstance(said, list) else ()
    if encoded_growth(proof) != data:
        raise ValueError(f"{GROWN}: is not written as a proof is")
    return proof


def encoded_notes(notes: Iterable[str]) -> bytes:
    """Signed notes, in their order."""
    return canonical({"checkpoints": list(notes)})


def notes_in(data: bytes) -> list[str]:
    """What ``encoded_notes`` wrote. Raises: ValueError."""
    notes = parsed(data).get("checkpoints")
    if not isinstance(notes, list) or encoded_notes(map(str, notes)) != data:
        raise ValueError(f"{CHECKPOINTS}: holds no signed notes")
    return notes


def canonical(value: object) -> bytes:
    """The one way in which a value is written: JSON, sorted, UTF-8, a line."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def parsed(data: bytes) -> dict[str, object]:
    """What ``canonical`` wrote of a mapping. Raises: ValueError for anything else."""
    try:
        found = json.loads(data)
        if isinstance(found, dict) and canonical(found) == data:
            return cast("dict[str, object]", found)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    raise ValueError("not written in the one way in which it is written")
