"""Three things enrolled from single frames of a hand-held clip are found while they are there, and only then."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import cv2
import pytest

from lapel_tools.cli.main import main as lapel_admin

CLIP = "boofcv_qrcode_handheld.mp4"
FPS = 30
# Entry: the frame it is enrolled from, its outline there, and the frames in which any of it can be seen.
THINGS = {
    "label": (0, "255,215,560,690", range(271)),
    "card": (214, "274,280,732,655", range(446)),
    "book": (643, "655,0,1280,396", range(360, 859)),
}


def stills(clip: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """A picture file of each thing's frame."""
    wanted = {frame: entry for entry, (frame, _, _) in THINGS.items()}
    capture = cv2.VideoCapture(str(clip))
    for number in count():
        there, picture = capture.read()
        if not there:
            return
        if number in wanted:
            path = folder / f"{wanted[number]}.png"
            cv2.imwrite(str(path), picture)
            yield wanted[number], path


@pytest.mark.long
@pytest.mark.timeout(900)
def test_things_are_found_while_they_are_there_and_not_when_they_are_not(kit: Path, tmp_path: Path) -> None:
    clip = kit / "video" / CLIP
    if not clip.is_file():
        pytest.skip(f"the test kit: {CLIP} is not in it")
    seals = ["--watchlist", str(tmp_path / "list.lapel"), "--key-file", str(tmp_path / "list.key")]
    expires = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
    terms = ["--purpose", "lost property", "--case", "T-1", "--authority", "Test", "--expires", expires]
    for entry, picture in stills(clip, tmp_path):
        named = ["--id", entry, "--label", entry, "--kind", "other", "--outline", THINGS[entry][1]]
        assert lapel_admin(["enrol", str(picture), *named, *terms, *seals]) == 0
    alerts = tmp_path / "alerts.jsonl"
    watch = ["replay", str(clip), *seals, "--state", str(tmp_path / "state"), "--alerts", str(alerts), "--quiet-s", "0"]
    # A process of its own, since a watch puts up a wall against the network that nothing takes down again.
    command = [sys.executable, "-c", "from lapel.cli.main import main; raise SystemExit(main())", *watch]
    assert subprocess.run(command, check=False).returncode == 0
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for line in alerts.read_text(encoding="utf-8").splitlines():
        alert = json.loads(line)
        seen[alert["entry"]].append(round(alert["t_s"] * FPS))
    assert set(seen) == set(THINGS)
    for entry, frames in seen.items():
        there = THINGS[entry][2]
        assert all(frame in there for frame in frames), f"{entry}: {[f for f in frames if f not in there]}"
        assert len(frames) >= 5, f"{entry}: seen in {frames}"
