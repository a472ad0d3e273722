"""Things drawn by the project."""

import numpy as np
import pytest

from lapel.core.things import Kind
from lapel_tools.synth.alert_picture import rendered_hit
from lapel_tools.synth.things import render

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_gives_the_same_picture(seed: int) -> None:
    assert np.array_equal(render(seed, view=1).pixels, render(seed, view=1).pixels)


def test_hundreds_of_seeds_give_different_things() -> None:
    small = {render(seed).pixels[::16, ::16].tobytes() for seed in range(200)}
    assert len(small) == 200


@pytest.mark.parametrize("seed", SEEDS)
def test_the_outline_holds_the_thing_and_leaves_ground_about_it(seed: int) -> None:
    thing = render(seed, view=2)
    assert thing.outline.shape == thing.pixels.shape[:2]
    assert 0.1 < thing.outline.mean() < 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_the_thing_is_sharper_than_its_ground(seed: int) -> None:
    thing = render(seed)
    grey = thing.pixels.astype(np.float64).mean(axis=2)
    slope = np.hypot(*np.gradient(grey))
    inside = slope[thing.outline]
    assert np.percentile(inside, 95) > 2 * np.percentile(slope[~thing.outline], 95)


def test_another_view_is_another_picture_of_the_same_design() -> None:
    straight, tilted = render(1, view=0), render(1, view=3)
    assert (straight.name, straight.kind) == (tilted.name, tilted.kind)
    assert not np.array_equal(straight.pixels, tilted.pixels)


def test_six_neighbours_are_six_sorts_of_things() -> None:
    assert {render(seed).kind for seed in range(6)} == {
        Kind.ARTWORK,
        Kind.PACKAGE,
        Kind.PLACARD,
        Kind.CARD,
        Kind.BOOK,
        Kind.BOX,
    }


def test_the_readme_alert_is_about_a_rendered_thing_inside_its_picture() -> None:
    hit = rendered_hit()
    height, width = hit.sighting.pixels.shape[:2]
    assert hit.match.box == hit.match.box.clipped(width, height)
    assert hit.reference_picture.startswith(b"\xff\xd8")
