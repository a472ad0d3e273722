"""How much of a long list moves when little of it changes: ``python -m lapel_tools.evaluate.delta --rows 300000``.

Made-up entries with one reference each, as long as those of a list of that length (core.compact), are packed twice, the
second time with some of them changed. What is counted are the bytes of chunks, pages and manifest, not those of MQTT.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

import numpy as np

from lapel.core.buckets import Bucket, bucket_count, bucket_of
from lapel.core.compact import level_for
from lapel.core.manifest import Manifest
from lapel.core.things import Entry, Features, Reference
from lapel.fakes.gallery import MODEL_SHA256, made_up_entry
from lapel_tools.authority.packing import Recipient, new_list_key, pack, put_manifest, seal_keys

_CREATED = date(2026, 3, 1)
_SECRET = bytes(32)
_DESCRIPTOR = 256


@dataclass(frozen=True, slots=True)
class Drawn:
    """A list of ``rows`` entries, made on a day, each with a picture of so many bytes; those below ``changed`` have
    another label."""

    rows: int
    picture_bytes: int
    changed: int = 0
    created: date = _CREATED

    def buckets(self) -> Iterator[tuple[int, Bucket]]:
        """Its buckets by number, made one at a time."""
        count = bucket_count(self.rows, None)
        members: dict[int, list[int]] = {}
        for number in range(self.rows):
            members.setdefault(bucket_of(_id(number), count), []).append(number)
        level = level_for(self.rows)
        for bucket, numbers in sorted(members.items()):
            yield (
                bucket,
                (
                    tuple(self._entry(number) for number in numbers),
                    tuple(_reference(number, level.points, level.width, self.picture_bytes) for number in numbers),
                ),
            )

    def _entry(self, number: int) -> Entry:
        entry = made_up_entry(_id(number), self.created + timedelta(days=80))
        return replace(entry, label=f"{entry.label}, seen again") if number < self.changed else entry


@dataclass(frozen=True, slots=True)
class Move:
    """What a new version is, and what of it a device does not have yet. Bytes and messages."""

    rows: int
    changed: int
    total_bytes: int
    total_messages: int
    moved_bytes: int
    moved_messages: int
    largest_message_bytes: int
    manifest_bytes: int
    seconds_to_pack: float

    @property
    def share(self) -> float:
        """The share of the bytes that moves."""
        return self.moved_bytes / self.total_bytes


def measured(before: Drawn, changed: int) -> Move:
    """Pack a list and its next version."""
    had, _ = _packed(before, 1)
    begun = time.process_time()
    have, manifest_bytes = _packed(replace(before, changed=changed), 2)
    spent = time.process_time() - begun
    moved = {name: length for name, length in have.items() if name not in had}
    return Move(
        rows=before.rows,
        changed=changed,
        total_bytes=sum(have.values()),
        total_messages=len(have),
        moved_bytes=sum(moved.values()),
        moved_messages=len(moved),
        largest_message_bytes=max(have.values()),
        manifest_bytes=manifest_bytes,
        seconds_to_pack=round(spent, 1),
    )


def _packed(drawn: Drawn, version: int) -> tuple[dict[bytes, int], int]:
    """Lengths by hash of all that is published of a list, and the manifest's."""
    lengths: dict[bytes, int] = {}

    def put(name: str, data: bytes) -> None:
        lengths[bytes.fromhex(name)] = len(data)

    list_key = new_list_key()
    packed = pack(drawn.buckets(), None, frozenset(), _SECRET, list_key, put)
    device = Recipient("device/cam-1", "09" + "00" * 31, False)
    manifest = Manifest(
        list_id="drawn",
        version=version,
        purpose="to measure",
        authority="nobody",
        model_sha256=MODEL_SHA256,
        created=_CREATED,
        not_before=_CREATED,
        expires=_CREATED + timedelta(days=90),
        groups=("patrol",),
        settled=0,
        entries=packed.entries,
        references=packed.references,
        buckets=bucket_count(drawn.rows, None),
        pages=packed.pages,
        keys=seal_keys((device,), list_key, _SECRET, "drawn", version, put),
    )
    _, length = put_manifest(manifest, put)
    return lengths, length


def _id(number: int) -> str:
    return f"thing-{number}"


def _reference(number: int, points: int, width: int, picture_bytes: int) -> Reference:
    draw = np.random.default_rng(number)
    noise = draw.integers(-127, 128, 2 * _DESCRIPTOR + points * width, dtype=np.int8)
    places = draw.random((points, 2), dtype=np.float32) * 640
    features = Features(places, noise[2 * _DESCRIPTOR :].reshape(points, width), 640, 480)
    first, second = noise[:_DESCRIPTOR].reshape(1, -1), noise[_DESCRIPTOR : 2 * _DESCRIPTOR].reshape(1, -1)
    return Reference(_id(number), first, second, features, draw.bytes(picture_bytes))


def main() -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(
        prog="python -m lapel_tools.evaluate.delta",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=300_000, metavar="N", help="entries (default %(default)s)")
    parser.add_argument("--changed", type=int, default=1000, metavar="N", help="of them changed (default %(default)s)")
    parser.add_argument("--picture-bytes", type=int, default=4000, metavar="N", help="a picture (default %(default)s)")
    args = parser.parse_args()
    move = measured(Drawn(args.rows, args.picture_bytes), args.changed)
    print(json.dumps(asdict(move) | {"picture_bytes": args.picture_bytes, "share": round(move.share, 4)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
