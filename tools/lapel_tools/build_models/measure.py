"""The figures of the cards: each committed int8 file against its own fp32 source, on a folder laid out as the kit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from lapel.infer.embedder import TfliteEmbedder
from lapel.infer.features import SiftFeatures
from lapel.infer.learned import read_local
from lapel.infer.manifest import ModelStore
from lapel_tools.build_models import decode, detector, face, flatbuffer, text
from lapel_tools.build_models.agreeing_prints import compare_prints
from lapel_tools.build_models.lines import lines
from lapel_tools.build_models.running import Picture, Running, found


def report(kit: Path, models: Path, cache: Path, names: Sequence[str]) -> None:
    """Print what can be measured of the named models."""
    floating: dict[str, Callable[[], flatbuffer.Model]] = {
        "detector": lambda: detector.floating(cache),
        "face": lambda: face.floating(cache),
    }
    for name, make in floating.items():
        if name in names:
            # CenterFace alone wants pixels as 0 … 255.
            source = Running(flatbuffer.dump(make()), unit=name != "face")
            _agreement(name, source, Running((models / f"{name}.tflite").read_bytes()), kit)
    if "reduction" in names or "local" in names:
        _shortlisting(models, kit, names)
    if "prints" in names:
        compare_prints(models, kit, cache)
    if "descriptor" in names:
        _retrieval(Running((models / "descriptor.tflite").read_bytes()), kit)
    if "text_detector" in names:
        model = Running((models / "text_detector.tflite").read_bytes())
        for picture in _stills(kit / "detection"):
            model(picture)
        print(f"text_detector: {min(model.times_ms):.1f} ms at best, one thread")
    if "text_reader" in names:
        _reading(Running((models / "text_reader.tflite").read_bytes()), models, cache)


def _agreement(name: str, source: Running, committed: Running, kit: Path) -> None:
    """How many of the fp32 source's boxes the committed file also gives: same label, IoU at least .5."""
    sets: dict[str, list[Picture]] = {"detection stills": list(_stills(kit / "detection"))}
    if name != "detector":
        sets = {"face stills": list(_stills(kit / "faces")), "classroom clip": list(_clip(kit, every=20))}
    for title, pictures in sets.items():
        for least_score in (0.3, 0.5):
            ours = theirs = kept = 0
            for look in pictures:
                expected, given = found(source, look, least_score), found(committed, look, least_score)
                theirs, ours = theirs + len(expected.scores), ours + len(given.scores)
                free = set(range(len(given.scores)))
                for box, label in zip(expected.boxes, expected.labels, strict=True):
                    overlap = decode.overlaps(box, given.boxes) if len(given.scores) else np.zeros(0)
                    mates = [i for i in free if given.labels[i] == label and overlap[i] >= 0.5]
                    if mates:
                        kept += 1
                        free.remove(max(mates, key=lambda i: float(overlap[i])))
            print(f"{name}: {title}, score >= {least_score}: fp32 {theirs}, int8 {ours}, of fp32's kept {kept}")
    print(
        f"{name}: fp32 {min(source.times_ms):.1f} ms, int8 {min(committed.times_ms):.1f} ms at best, one thread",
        flush=True,
    )


def _retrieval(model: Running, kit: Path) -> None:
    """Whole-picture retrieval: is the nearest reference of the right entry, and how strong are strangers?"""
    split = json.loads((kit / "instances" / "split.json").read_text(encoding="utf-8"))

    def described(path: str) -> decode.Floats:
        vector = decode.pooled(model(_still(kit / "instances" / path))["map"])
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    owners = [entry for entry, facts in split["enrolled"].items() for _ in facts["refs"]]
    gallery = np.stack([described(path) for facts in split["enrolled"].values() for path in facts["refs"]])
    right, mated = 0, []
    for entry, facts in split["enrolled"].items():
        for path in facts["queries"]:
            similar = gallery @ described(path)
            right += owners[int(similar.argmax())] == entry
            mated.append(float(max(similar[i] for i, owner in enumerate(owners) if owner == entry)))
    strangers = [
        float((gallery @ described(path)).max()) for facts in split["unlisted"].values() for path in facts["queries"]
    ]
    print(f"descriptor: nearest reference is the right entry's for {right} of {len(mated)} queries")
    print(
        f"descriptor: cosine to the right entry, median {np.median(mated):.2f}; of unlisted, max {max(strangers):.2f}"
    )
    print(f"descriptor: {min(model.times_ms):.1f} ms at best, one thread", flush=True)


def _shortlisting(models: Path, kit: Path, names: Sequence[str]) -> None:
    """Whole-picture retrieval by what the device shortlists by."""
    store = ModelStore(models)
    ways: dict[str, Callable[[Picture], decode.Floats]] = {}
    if "reduction" in names:
        ways["reduction"] = TfliteEmbedder(store).describe
    if "local" in names:
        sift = SiftFeatures(read_local(store))
        ways["local"] = lambda picture: sift.aggregate(sift.extract(picture))
    split = json.loads((kit / "instances" / "split.json").read_text(encoding="utf-8"))["enrolled"]
    pictures = {path: _still(kit / "instances" / path) for e in split.values() for path in (*e["refs"], *e["queries"])}
    for name, described in ways.items():
        owners = [entry for entry, facts in split.items() for _ in facts["refs"]]
        gallery = np.concatenate([described(pictures[path]) for facts in split.values() for path in facts["refs"]])
        right = [
            owners[int((gallery @ described(pictures[path])[0]).argmax())] == entry
            for entry, facts in split.items()
            for path in facts["queries"]
        ]
        print(f"{name}: nearest reference is the right entry's for {sum(right)} of {len(right)} queries", flush=True)


def _reading(committed: Running, models: Path, cache: Path) -> None:
    """Rendered lines read without a fault, spaces aside."""
    alphabet = ["", *(models / "text_reader.txt").read_text(encoding="utf-8").split("\n")[:-1]]
    for title, model in (("fp32", Running(flatbuffer.dump(text.reader_floating(cache)))), ("committed", committed)):
        right = 0
        pictures = lines(300, cache)
        for code, picture in pictures:
            best = model(_padded(picture))["logits"].argmax(axis=1)
            read = "".join(alphabet[now] for before, now in zip([-1, *best[:-1]], best, strict=True) if now != before)
            right += read.replace(" ", "") == code.replace(" ", "")
        print(
            f"text_reader: {title}: {right} of {len(pictures)} lines, {min(model.times_ms):.1f} ms at best, one thread"
        )


def _padded(line: Picture) -> Picture:
    """A line 48 high, at most 320 wide, on grey."""
    width_px, height_px = text.READER_PX
    wide = min(width_px, max(1, round(line.shape[1] * height_px / line.shape[0])))
    sheet = np.full((height_px, width_px, 3), 128, dtype=np.uint8)
    sheet[:, :wide] = cv2.resize(line, (wide, height_px))
    return sheet


def _stills(folder: Path) -> Iterable[Picture]:
    return (_still(path) for path in sorted(folder.glob("*/*.jpg")))


def _still(path: Path) -> Picture:
    decoded = cv2.imread(str(path))
    if decoded is None:
        raise ValueError(f"{path}: not there, or not a picture that OpenCV can decode")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _clip(kit: Path, every: int) -> Iterator[Picture]:
    clip = cv2.VideoCapture(str(kit / "video" / "intel_classroom_preview.mp4"))
    index = 0
    while True:
        granted, frame = clip.read()
        if not granted:
            return
        if index % every == 0:
            yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)
        index += 1
