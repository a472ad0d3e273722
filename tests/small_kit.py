"""A small evaluation kit of things that the project draws, laid out like any other kit."""

import json
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from footage import write_picture
from lapel_tools.synth.number_scenes import Carrier, render_number
from lapel_tools.synth.things import render

LISTED = (0, 4)  # seeds of drawn things
UNLISTED = (2,)
NUMBERED = 7  # seed of the drawn container and orange panel


def write_kit(folder: Path) -> Path:
    """Two listed things with a reference and two queries each, one unlisted thing, two scenes, four codes, a clip."""
    _write_instances(folder / "instances")
    for part in ("detection", "faces"):
        _write_pictures(folder / part)
    _write_text(folder / "text")
    _write_video(folder / "video")
    return folder


def _write_instances(folder: Path) -> None:
    things: dict[str, dict[str, object]] = {"enrolled": {}, "unlisted": {}}
    for seed in (*LISTED, *UNLISTED):
        thing = render(seed)
        (folder / thing.name).mkdir(parents=True)
        files = [f"{thing.name}/{view}.png" for view in range(3)]
        for view, file in enumerate(files):
            write_picture(folder / file, render(seed, view).pixels)
        if seed in LISTED:
            row = {"label": thing.label, "granularity": "unique-object", "refs": files[:1], "queries": files[1:]}
            things["enrolled"][thing.name] = row
        else:
            things["unlisted"][thing.name] = {"label": thing.label, "queries": files[1:]}
    (folder / "split.json").write_text(json.dumps(things))


def _write_pictures(folder: Path) -> None:
    (folder / "drawn").mkdir(parents=True)
    images, annotations = [], []
    for seed in (7, 8):
        file = f"drawn/{seed}.png"
        pixels = render(seed, 1).pixels
        write_picture(folder / file, pixels)
        images.append({"file": file, "width": pixels.shape[1], "height": pixels.shape[0]})
        rows, columns = np.nonzero(render(seed, 1).outline)
        x, y = int(columns.min()), int(rows.min())
        bbox = [x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y]
        annotations.append({"file": file, "label": "drawn", "bbox": bbox})
    (folder / "boxes.json").write_text(json.dumps({"images": images, "annotations": annotations}))


def _write_text(folder: Path) -> None:
    folder.mkdir(parents=True)
    rows = []
    for file, text, symbology in (("ean.png", "4006381333931", "EAN13"), ("serial.png", "WTU123456789", "QRCode")):
        barcode = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(symbology))
        grey = np.array(zxingcpp.write_barcode_to_image(barcode, scale=4), np.uint8)
        padded = np.pad(grey, 40, constant_values=255)
        write_picture(folder / file, np.repeat(padded[..., None], 3, axis=2))
        rows.append({"file": file, "kind": "barcode", "symbology": symbology.lower(), "strings": [text]})
    for kind, carrier in (("iso6346", Carrier.CONTAINER), ("adr_plate", Carrier.PANEL)):
        scene = render_number(carrier, NUMBERED)
        write_picture(folder / f"{kind}.png", scene.pixels)
        rows.append({"file": f"{kind}.png", "kind": kind, "strings": scene.value.split("/")})
    (folder / "strings.json").write_text(json.dumps(rows))


def _write_video(folder: Path) -> None:
    """A clip of 12 frames in which the first listed thing lies still."""
    folder.mkdir(parents=True)
    pixels = render(LISTED[0]).pixels
    height, width = pixels.shape[:2]
    writer = cv2.VideoWriter(str(folder / "still.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 12.0, (width, height))
    assert writer.isOpened()
    for _ in range(12):
        writer.write(np.ascontiguousarray(pixels[..., ::-1]))
    writer.release()
    note = {"file": "still.mp4", "width": width, "height": height, "fps": "12/1", "frames": 12, "visible": "a thing"}
    (folder / "notes.json").write_text(json.dumps([note]))
