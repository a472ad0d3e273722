"""The audit tree is the one of RFC 6962."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.chain import EMPTY_ROOT, CompactRange, leaf_hash, node_hash, range_over, root_over

# The test vectors of the reference implementation of RFC 6962: google/certificate-transparency, merkle_tree_test.
LEAVES = [bytes.fromhex(data) for data in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def merkle_tree_hash(data: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return sha256(b"\x01" + merkle_tree_hash(data[:k]) + merkle_tree_hash(data[k:])).digest()


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_a_root_equals_the_published_vector(size: int, root: str) -> None:
    assert root_over(map(leaf_hash, LEAVES[:size])).hex() == root


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_a_compact_range_gives_the_root_that_the_rfc_defines_recursively(data: list[bytes]) -> None:
    assert root_over(map(leaf_hash, data)) == merkle_tree_hash(data)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.binary(min_size=32, max_size=32))
def test_a_compact_range_that_was_stored_goes_on_as_if_it_had_not_been(leaves: list[bytes], more: bytes) -> None:
    tree = range_over(leaves)
    stored = CompactRange.from_bytes(tree.size, tree.to_bytes())
    assert stored.append(more).head() == range_over([*leaves, more]).head()


def test_an_empty_tree_has_the_hash_of_an_empty_string_as_root() -> None:
    assert CompactRange().root() == EMPTY_ROOT == sha256(b"").digest()


def test_a_leaf_is_never_hashed_like_a_node() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize(("size", "peaks"), [(1, 0), (2, 2), (3, 1), (0, 1), (-1, 0)])
def test_peaks_that_do_not_belong_to_a_size_are_refused(size: int, peaks: int) -> None:
    with pytest.raises(ValueError, match=rf"tree of {size} leaves"):
        CompactRange.from_bytes(size, bytes(32) * peaks)


def test_a_peak_of_another_length_than_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="not 32 bytes"):
        CompactRange.from_bytes(1, bytes(31))
