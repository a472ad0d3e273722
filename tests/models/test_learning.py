"""What is learned beside the networks comes out the same every time, and does what it is for."""

from pathlib import Path

import numpy as np

from lapel_tools.build_models import local, reduction
from lapel_tools.build_models.matrices import centres, in_bytes, principal, telling_apart


def blobs(seed: int, things: int = 30, looks: int = 6, width: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Looks at things that differ along ten axes, while along the other ten any look differs more."""
    draw = np.random.default_rng(seed)
    middles = np.concatenate([draw.normal(0, 1, (things, width // 2)), np.zeros((things, width // 2))], axis=1)
    noise = np.concatenate([np.full(width // 2, 0.2), np.full(width // 2, 4.0)])
    numbers = np.repeat(np.arange(things), looks)
    return middles[numbers] + draw.normal(0, 1, (len(numbers), width)) * noise, numbers


def nearest_is_mate(rows: np.ndarray, numbers: np.ndarray) -> float:
    apart = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return float((numbers[apart.argmin(axis=1)] == numbers).mean())


def test_the_rotation_is_drawn_the_same_every_time() -> None:
    assert reduction.build(Path("unused")) == reduction.build(Path("unused"))


def test_local_features_are_learned_the_same_every_time() -> None:
    draw = np.random.default_rng(4)
    features = [np.sqrt(draw.dirichlet(np.ones(128), 40)).astype(np.float32) for _ in range(300)]
    things = np.arange(300) // 3
    one, again = (local.learned(things, features, count=4) for _ in range(2))
    assert one.keys() == again.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])


def test_what_varies_within_a_thing_is_made_to_count_less() -> None:
    rows, numbers = blobs(1)
    basis = telling_apart(rows, numbers, 10, shrinkage=0.01)
    other_rows, other_numbers = blobs(2)
    assert nearest_is_mate(other_rows @ basis, other_numbers) > 0.9 > nearest_is_mate(other_rows, other_numbers)


def test_principal_axes_are_orthonormal_and_widest_first() -> None:
    rows, _ = blobs(1)
    axes = principal(rows, rows.mean(axis=0), 12)
    np.testing.assert_allclose(axes.T @ axes, np.eye(12), atol=1e-9)
    widths = (rows @ axes).var(axis=0)
    assert (np.diff(widths) <= 1e-9).all()


def test_centres_lie_among_what_they_are_of() -> None:
    rows = np.concatenate([np.random.default_rng(5).normal(at, 0.1, (50, 2)) for at in (-5, 0, 5)])
    found = np.sort(centres(rows, 3, np.random.default_rng(0))[:, 0])
    np.testing.assert_allclose(found, [-5, 0, 5], atol=0.2)


def test_a_map_in_bytes_is_the_map() -> None:
    basis = np.linalg.qr(np.random.default_rng(6).standard_normal((300, 40)))[0]
    kept = in_bytes(basis)
    assert kept["basis"].dtype == np.int8
    np.testing.assert_allclose(kept["basis"] * kept["scales"], basis, atol=np.abs(basis).max() / 250)
