"""The arrays and pictures of references as bytes, each part at a multiple of 8: in a sealed file, or in a bucket.

Read back, all but the points are views of the one buffer that was decrypted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.things import Features, Reference
from lapel.store.gallery_index import Placement
from lapel.store.gallery_layout import ALIGNMENT, aligned, decode_points, encode_points


def blobs_of(references: tuple[Reference, ...]) -> list[bytes]:
    """Descriptors, aggregates, and for each reference its points, feature descriptors and picture."""
    blobs = [
        b"".join(reference.descriptors.tobytes() for reference in references),
        b"".join(reference.aggregates.tobytes() for reference in references),
    ]
    for reference in references:
        blobs += [encode_points(reference.features), reference.features.descriptors.tobytes(), reference.picture]
    return blobs


def padded(blobs: Iterable[bytes]) -> list[bytes]:
    """Each part with what makes the next one begin at a multiple of 8."""
    return [part for blob in blobs for part in (blob, bytes(aligned(len(blob)) - len(blob)))]


def references_in(
    content: bytearray, at: int, placements: tuple[Placement, ...], width: int, aggregate_width: int
) -> tuple[Reference, ...]:
    """The references that lie from ``at`` on, of descriptors and aggregates that wide. Raises: ValueError."""
    cursor = _Cursor(content, at)
    descriptors = cursor.octets(sum(placed.crops for placed in placements), width)
    aggregates = cursor.octets(sum(placed.aggregates for placed in placements), aggregate_width)
    references, row, other = [], 0, 0
    for placed in placements:
        points = cursor.places(placed.points, max(placed.width, placed.height))
        features = Features(points, cursor.octets(placed.points, placed.feature_bytes), placed.width, placed.height)
        picture = bytes(cursor.bytes(placed.picture_bytes))
        ours, together = descriptors[row : row + placed.crops], aggregates[other : other + placed.aggregates]
        references.append(Reference(placed.entry_id, ours, together, features, picture))
        row, other = row + placed.crops, other + placed.aggregates
    if len(cursor.content) - cursor.at >= ALIGNMENT:
        raise ValueError(f"{len(cursor.content) - cursor.at} bytes are left over")
    return tuple(references)


def placements_of(references: tuple[Reference, ...]) -> tuple[Placement, ...]:
    """How much of the bytes belongs to each reference."""
    return tuple(_placement(reference) for reference in references)


def _placement(reference: Reference) -> Placement:
    features = reference.features
    points, width = features.descriptors.shape
    return Placement(
        reference.entry_id,
        len(reference.descriptors),
        len(reference.aggregates),
        points,
        width,
        features.width,
        features.height,
        len(reference.picture),
    )


def widths_of(references: tuple[Reference, ...]) -> tuple[int, int]:
    """Lengths of a descriptor and of an aggregate; core.listing has seen to it that all are of one length."""
    if not references:
        return 0, 0
    return references[0].descriptors.shape[1], references[0].aggregates.shape[1]


@dataclass(slots=True)
class _Cursor:
    """Walks over a buffer, handing out read-only views of it."""

    content: bytearray
    at: int

    def bytes(self, count: int) -> memoryview:
        self.at = aligned(self.at)
        view = memoryview(self.content)[self.at : self.at + count].toreadonly()
        if count < 0 or len(view) != count:
            raise ValueError(f"{count} bytes wanted at {self.at}, {len(view)} are there")
        self.at += count
        return view

    def places(self, count: int, longest_px: int) -> NDArray[np.float32]:
        return decode_points(self.bytes(count * 4), longest_px)

    def octets(self, rows: int, width: int) -> NDArray[np.int8]:
        return np.frombuffer(self.bytes(rows * width), np.int8).reshape(rows, width)
