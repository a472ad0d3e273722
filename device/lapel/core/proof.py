"""Proofs over the audit tree: that a record is in it, and that a later tree only added to an earlier one. Pure.

Source: RFC 6962 section 2.1 for what a proof consists of, RFC 9162 section 2.1 for how it is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lapel.core.chain import CompactRange, node_hash
from lapel.core.records import Head

Nodes = Callable[[int, int], bytes]
"""The root of a perfect subtree: of ``2**level`` leaves, the ``place``-th of that width from the left, from 0."""

Proof = tuple[bytes, ...]


def prove_inclusion(sequence: int, size: int, nodes: Nodes) -> Proof:
    """That record ``sequence`` is in the tree of ``size`` records. Raises: ValueError where there is no such record."""
    if not 0 <= sequence < size:
        raise ValueError(f"record {sequence} is none of {size}")
    return tuple(_path(sequence, 0, size, nodes))


def verify_inclusion(leaf: bytes, sequence: int, head: Head, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows a leaf hash at its place under a head (RFC 9162, 2.1.3.2)."""
    if not 0 <= sequence < head.size:
        return False
    place, last, node = sequence, head.size - 1, leaf
    for hashed in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(hashed, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, hashed)
        place, last = place >> 1, last >> 1
    return last == 0 and node == head.root


def prove_consistency(earlier: int, later: int, nodes: Nodes) -> Proof:
    """That the tree of ``later`` records begins with that of ``earlier``. Raises: ValueError unless 0 < earlier <=
    later."""
    if not 0 < earlier <= later:
        raise ValueError(f"a tree of {later} records does not grow from one of {earlier}")
    return tuple(_grown(earlier, 0, later, nodes, is_whole=True))


def verify_consistency(earlier: Head, later: Head, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that ``later`` only added to ``earlier`` (RFC 9162, 2.1.4.2). Every tree grows from an
    empty one: no proof is needed, and none is taken."""
    if earlier.size == later.size or earlier.size == 0:
        return not proof and (earlier.size == 0 or earlier.root == later.root)
    if not 0 < earlier.size < later.size or not proof:
        return False
    path = list(proof) if earlier.size & (earlier.size - 1) else [earlier.root, *proof]
    place, last = earlier.size - 1, later.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for hashed in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(hashed, old), node_hash(hashed, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, hashed)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == (earlier.root, later.root)


def tree_at(size: int, nodes: Nodes) -> CompactRange:
    """The tree as it was at a size, without reading its records. Raises: ValueError where it was never so large."""
    peaks, first = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(nodes(level, first >> level))
            first += 1 << level
    return CompactRange(size, tuple(peaks))


def nodes_over(leaves: Sequence[bytes]) -> Nodes:
    """The subtrees over leaf hashes that are all at hand."""

    def node(level: int, place: int) -> bytes:
        if level == 0:
            return leaves[place]
        return node_hash(node(level - 1, 2 * place), node(level - 1, 2 * place + 1))

    return node


def _path(sequence: int, first: int, end: int, nodes: Nodes) -> Iterator[bytes]:
    """PATH(m, D[n]) of RFC 6962, 2.1.1, over the leaves from ``first`` to before ``end``: the deepest hash first."""
    if end - first == 1:
        return
    split = first + _widest_below(end - first)
    if sequence < split:
        yield from _path(sequence, first, split, nodes)
        yield _root(split, end, nodes)
    else:
        yield from _path(sequence, split, end, nodes)
        yield _root(first, split, nodes)


def _grown(earlier: int, first: int, end: int, nodes: Nodes, is_whole: bool) -> Iterator[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, 2.1.2; ``is_whole`` while the subtree's root is known to whoever verifies."""
    if earlier == end:
        if not is_whole:
            yield _root(first, end, nodes)
        return
    split = first + _widest_below(end - first)
    if earlier <= split:
        yield from _grown(earlier, first, split, nodes, is_whole)
        yield _root(split, end, nodes)
    else:
        yield from _grown(earlier, split, end, nodes, is_whole=False)
        yield _root(first, split, nodes)


def _root(first: int, end: int, nodes: Nodes) -> bytes:
    """The tree hash over the leaves from ``first`` to before ``end``; ``first`` is a multiple of their power of two."""
    width = end - first
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return nodes(level, first >> level)
    split = first + _widest_below(width)
    return node_hash(_root(first, split, nodes), _root(split, end, nodes))


def _widest_below(width: int) -> int:
    """The largest power of two that is smaller than ``width``, which is 2 or more."""
    return 1 << ((width - 1).bit_length() - 1)
