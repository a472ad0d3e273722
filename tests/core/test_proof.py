"""Proofs over the audit tree show what they are meant to show, and nothing else."""

from __future__ import annotations

from hashlib import sha256
from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.chain import root_over
from lapel.core.proof import nodes_over, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion
from lapel.core.records import Head

MOST = 33
LEAVES = [sha256(b"%d" % number).digest() for number in range(300)]
HEADS = [Head(size, root_over(LEAVES[:size])) for size in range(MOST + 1)]


def merkle_tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 over leaf hashes, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    k = widest_below(len(leaves))
    return sha256(b"\x01" + merkle_tree_hash(leaves[:k]) + merkle_tree_hash(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1, word by word."""
    if len(leaves) == 1:
        return []
    k = widest_below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), merkle_tree_hash(leaves[k:])]
    return [*path(m - k, leaves[k:]), merkle_tree_hash(leaves[:k])]


def subproof(m: int, leaves: list[bytes], is_complete: bool) -> list[bytes]:
    """RFC 6962 section 2.1.2, word by word."""
    if m == len(leaves):
        return [] if is_complete else [merkle_tree_hash(leaves)]
    k = widest_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], is_complete), merkle_tree_hash(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), merkle_tree_hash(leaves[:k])]


def widest_below(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def test_a_proof_of_inclusion_is_the_one_that_the_rfc_defines_and_verifies() -> None:
    for size in range(1, MOST + 1):
        for sequence in range(size):
            proof = prove_inclusion(sequence, size, nodes_over(LEAVES))
            assert list(proof) == path(sequence, LEAVES[:size])
            assert verify_inclusion(LEAVES[sequence], sequence, HEADS[size], proof)


def test_a_proof_of_consistency_is_the_one_that_the_rfc_defines_and_verifies() -> None:
    for earlier, later in combinations_with_replacement(range(1, MOST + 1), 2):
        proof = prove_consistency(earlier, later, nodes_over(LEAVES))
        assert list(proof) == subproof(earlier, LEAVES[:later], True)
        assert verify_consistency(HEADS[earlier], HEADS[later], proof)


@given(st.integers(1, 300), st.data())
def test_a_record_is_shown_at_its_own_place_only(size: int, data: st.DataObject) -> None:
    sequence, elsewhere = data.draw(st.integers(0, size - 1)), data.draw(st.integers(-1, size))
    head = Head(size, root_over(LEAVES[:size]))
    proof = prove_inclusion(sequence, size, nodes_over(LEAVES))
    assert verify_inclusion(LEAVES[sequence], elsewhere, head, proof) is (elsewhere == sequence)


@given(st.integers(2, 300), st.data())
def test_no_other_tree_is_taken_for_one_that_grew(later: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, later - 1))
    changed = data.draw(st.integers(0, earlier - 1))
    before = [*LEAVES[:changed], bytes(32), *LEAVES[changed + 1 : earlier]]
    proof = prove_consistency(earlier, later, nodes_over(LEAVES))
    was, became = Head(earlier, root_over(before)), Head(later, root_over(LEAVES[:later]))
    assert not verify_consistency(was, became, proof)
    assert not verify_consistency(became, was, proof)


@given(st.integers(1, 300), st.data())
def test_a_proof_with_a_hash_changed_added_or_left_out_shows_nothing(later: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, later))
    heads = Head(earlier, root_over(LEAVES[:earlier])), Head(later, root_over(LEAVES[:later]))
    for proof, shows in (
        (
            prove_inclusion(earlier - 1, later, nodes_over(LEAVES)),
            lambda p: verify_inclusion(LEAVES[earlier - 1], earlier - 1, heads[1], p),
        ),
        (prove_consistency(earlier, later, nodes_over(LEAVES)), lambda p: verify_consistency(*heads, p)),
    ):
        assert shows(proof)
        assert not shows((*proof, bytes(32)))
        for at in range(len(proof)):
            assert not shows((*proof[:at], *proof[at + 1 :]))
            assert not shows((*proof[:at], bytes(32), *proof[at + 1 :]))


def test_every_tree_grew_from_an_empty_one_without_a_proof() -> None:
    assert verify_consistency(HEADS[0], HEADS[5], ())
    assert not verify_consistency(HEADS[0], HEADS[5], (bytes(32),))


@pytest.mark.parametrize(("sequence", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_what_is_no_record_is_in_no_tree(sequence: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"record {sequence} is none of {size}"):
        prove_inclusion(sequence, size, nodes_over(LEAVES))
    assert not verify_inclusion(LEAVES[0], sequence, HEADS[size], ())


@pytest.mark.parametrize(("earlier", "later"), [(0, 5), (6, 5), (-1, 5)])
def test_a_tree_does_not_shrink(earlier: int, later: int) -> None:
    with pytest.raises(ValueError, match="does not grow"):
        prove_consistency(earlier, later, nodes_over(LEAVES))
