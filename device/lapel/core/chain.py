"""The audit tree: one root that changes whenever any kept record is changed, removed or moved.

It is the Merkle tree of RFC 6962 section 2.1 over SHA-256, kept as a compact range: the roots of the perfect
subtrees that the leaves fall into, at most 64 of them, from which the root follows without reading any record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from lapel.core.records import Head

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""RFC 6962 section 2.1: "The hash of an empty list is the hash of an empty string"."""


def leaf_hash(data: bytes) -> bytes:
    """What stands in the tree for one record: SHA-256(0x00 || data), RFC 6962 section 2.1."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """What stands in the tree for two neighbours: SHA-256(0x01 || left || right), RFC 6962 section 2.1.

    The other prefix than a leaf's is required there to give second preimage resistance.
    """
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """A tree reduced to what appending needs. ``peaks`` are roots of perfect subtrees, the widest first:
    one for each bit that is set in ``size``."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves does not have {len(self.peaks)} perfect subtrees")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError(f"the root of a subtree is not {HASH_BYTES} bytes")

    def append(self, leaf: bytes) -> CompactRange:
        """The tree with one more leaf hash on the right."""
        *_, widest = self.completed(leaf)
        return CompactRange(self.size + 1, (*self.peaks[: len(self.peaks) - _trailing_ones(self.size)], widest))

    def completed(self, leaf: bytes) -> Iterator[bytes]:
        """The roots of the perfect subtrees that one more leaf completes: itself, then each twice as wide."""
        node = leaf
        yield node
        # Two perfect subtrees of equal width become one: the carry of adding 1 to a binary number.
        for peak in self.peaks[::-1][: _trailing_ones(self.size)]:
            node = node_hash(peak, node)
            yield node

    def root(self) -> bytes:
        """The Merkle tree hash over all leaves, RFC 6962 section 2.1.

        Its split at the largest power of two below n puts the narrowest subtrees deepest, so they fold first.
        """
        if not self.peaks:
            return EMPTY_ROOT
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node

    def head(self) -> Head:
        """Size and root, as kept and as acknowledged by the station."""
        return Head(self.size, self.root())

    def to_bytes(self) -> bytes:
        """The peaks, one after the other; with ``size`` enough for ``from_bytes``."""
        return b"".join(self.peaks)

    @staticmethod
    def from_bytes(size: int, data: bytes) -> CompactRange:
        """The tree that ``to_bytes`` wrote. Raises: ValueError where the two do not belong together."""
        return CompactRange(size, tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))


def range_over(leaves: Iterable[bytes]) -> CompactRange:
    """The tree over leaf hashes, in their order."""
    tree = CompactRange()
    for leaf in leaves:
        tree = tree.append(leaf)
    return tree


def root_over(leaves: Iterable[bytes]) -> bytes:
    """The RFC 6962 root over leaf hashes, in their order."""
    return range_over(leaves).root()


def _trailing_ones(number: int) -> int:
    """How many of the lowest bits are set, without a gap."""
    return (~number & (number + 1)).bit_length() - 1
