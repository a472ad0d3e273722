"""Enrolment refuses pictures of people and plates, and takes pictures of things: by the device's own models."""

from pathlib import Path

import pytest

from lapel.infer.manifest import ModelStore
from lapel.infer.pictograms import signs
from lapel_tools.enrol.plate_share import PlateMeter
from lapel_tools.evaluate import refusals
from lapel_tools.evaluate.kit import Kit
from lapel_tools.synth.number_scenes import Carrier, face_of
from lapel_tools.synth.things import render


@pytest.fixture(scope="module")
def plates(models: ModelStore) -> PlateMeter:
    return PlateMeter(models)


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_of_a_plate_is_mostly_plate_and_one_of_a_drawn_thing_is_not(seed: int, plates: PlateMeter) -> None:
    assert plates.share(face_of(Carrier.PLATE, seed)[0]) > 0.9
    assert plates.share(render(seed).pixels) < 0.3


def test_no_drawn_sign_is_taken_for_a_plate(plates: PlateMeter) -> None:
    drawn = {pictogram.id: pictogram.draw()[0] for sign in signs() for pictogram in sign.pictograms}
    assert [name for name, pixels in drawn.items() if plates.share(pixels) > 0.3] == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_kit_s_people_and_plates_are_refused_and_few_of_its_things(
    kit: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Kit(kit).people("detection")
    monkeypatch.setattr("sys.argv", ["refusals", str(kit)])
    assert refusals.main() == 0
    said = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert said["pictures of people"].startswith("7 of 7")
    assert said["rendered plates"].startswith("40 of 40")
    missed = [int(count) for count in said["people cut out"].split(",")[0].split(" of ")]
    assert missed[0] == missed[1]
    for kind, most in (("things cut out", 0.07), ("pictures of things", 0.02)):
        wrong, total = (int(count) for count in said[kind].split(",")[0].split(" of "))
        assert wrong <= most * total
