"""Leaks as a programmer might make them, to be planted in a copy of the device's package: code put behind a module."""

from __future__ import annotations

import resource
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "device" / "lapel"

FRAMES = 30
# Behind infer/finders.py: whoever looks for faces sees raw pixels, and does something with them besides. What waits at
# a film's end is looked at again, when its faces are destroyed already: to keep that would be no leak.
_BESIDE_THE_FINDER = f"""
import os, sys
_watching = watching
class _Curious:
    count = 0
    def __init__(self, finder): self._finder = finder
    def find(self, pixels):
        _Curious.count += 1
        if _Curious.count <= {FRAMES}:
            sys.lapel_raw = pixels.copy()
            if _Curious.count % 5 == 1:
                _keep(pixels.copy())
        return self._finder.find(pixels)
def watching(*given, **named):
    first, *others = _watching(*given, **named)
    return (_Curious(first), *others)
def _keep(pixels):
    pass
"""
# Elsewhere: the raw pixels that the finder saw last.
_RAW = "import sys\ndef _raw():\n    return sys.lapel_raw\n"
_JPEG = "import cv2\ndef _jpeg(pixels):\n    return cv2.imencode('.jpg', pixels[..., ::-1])[1].tobytes()\n"
# Behind capture/redact.py: in every third frame nothing is found.
SKIPPING = (
    "_found = find_all\n_count = [0]\ndef find_all(finders, pixels):\n    _count[0] += 1\n"
    "    return () if _count[0] % 3 == 0 else _found(finders, pixels)\n"
)


@dataclass(frozen=True)
class Seed:
    """``code`` goes behind ``module``; where it is a ``_keep``, that is called with raw pixels now and then."""

    code: str
    module: str = "infer/finders.py"


def _kept(line: str) -> Seed:
    return Seed(f"{_JPEG}import io, base64, gzip, json, pickle\ndef _keep(pixels):\n    {line}\n")


SEEDS: dict[str, Seed] = {
    "a debug dump": _kept("cv2.imwrite(f'debug-{_Curious.count}.png', pixels[..., ::-1])"),
    "a crop in the log, as base64": _kept(
        "print(json.dumps({'event': 'face', 'crop': base64.b64encode(_jpeg(pixels)).decode()}), file=sys.stderr)"
    ),
    "the pixels as bytes in the log": _kept("print('seen', _jpeg(pixels), file=sys.stderr)"),
    "the pixels as numbers in the log": _kept("print(pixels[::2, ::2, 1].tolist(), file=sys.stderr)"),
    "a numpy file": _kept("np.save('seen.npy', pixels)"),
    "a compressed archive": _kept("np.savez_compressed(os.environ['TMPDIR'] + '/seen', pixels)"),
    "a pickle": _kept("pickle.dump({'frame': pixels}, open('state/frame.pickle', 'wb'))"),
    "a packed file": _kept("open('old.log.gz', 'wb').write(gzip.compress(pixels.tobytes()))"),
    "shared memory": _kept("open(f'/dev/shm/lapel-{os.getpid()}', 'wb').write(pixels.tobytes())"),
    "planes of YUV": _kept("open('planes.bin', 'wb').write(cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420).tobytes())"),
    "a small grey copy": _kept(
        "open('thumb.bin', 'wb').write(cv2.resize(pixels[..., 1].copy(), None, fx=.25, fy=.25, interpolation=3))"
    ),
    "a mirrored copy": _kept("open('.preview', 'wb').write(_jpeg(pixels[:, ::-1].copy()))"),
    "what the network was given": _kept(
        "open('input.bin', 'wb').write((cv2.resize(pixels, (192, 192)).astype('i2') - 128).astype('i1').tobytes())"
    ),
    "floating point numbers": _kept("open('input.f32', 'wb').write((pixels / 255).astype('f4').tobytes())"),
    "a film of its own": _kept(
        "w = sys.__dict__.setdefault('film', cv2.VideoWriter('debug.mp4', cv2.VideoWriter.fourcc(*'mp4v'), 5, "
        "pixels.shape[1::-1])); w.write(pixels[..., ::-1].copy())"
    ),
    "a traceback with its local values": _kept(
        "np.set_printoptions(threshold=10**7); print('Traceback: locals', {'crop': pixels[110:, 230:370]}, "
        "file=sys.stderr)"
    ),
    "the message of an error": Seed(
        _JPEG + "from lapel.errors import HardwareError\ndef _keep(pixels):\n"
        "    if _Curious.count > 9:\n        raise SystemExit(f'cannot look at {_jpeg(pixels).hex()}')\n"
    ),
    "a core dump": Seed(
        "import os, sys, threading, time\ndef forbid_dumps():\n"
        "    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n    def fall():\n"
        "        while not hasattr(sys, 'lapel_raw'):\n            time.sleep(0.05)\n        time.sleep(0.5)\n"
        "        os.abort()\n    threading.Thread(target=fall, daemon=True).start()\n",
        "wiring/memory_walls.py",
    ),
    "the alert's picture": Seed(_RAW + "def picture_of(hit):\n    return jpeg(_raw())\n", "alert/picture.py"),
    "a thumbnail inside the alert's picture": Seed(
        _RAW + "_jpeg_alone = jpeg\ndef jpeg(pixels, *bounds):\n    small = cv2.resize(_raw(), None, fx=.5, fy=.5)\n"
        "    thumb = cv2.imencode('.jpg', small[..., ::-1])[1].tobytes()\n    plain = _jpeg_alone(pixels, *bounds)\n"
        "    size = (len(thumb) + 8).to_bytes(2, 'big')\n"
        "    return plain[:2] + b'\\xff\\xe1' + size + b'Exif\\0\\0' + thumb + plain[2:]\n",
        "alert/picture.py",
    ),
    "a comment in the report's page": Seed(
        _RAW + _JPEG + "import base64\n_plain_page = page\ndef page(*given):\n"
        "    raw = getattr(sys, 'lapel_raw', None)\n"
        "    told = '' if raw is None else base64.b64encode(_jpeg(raw)).decode()\n"
        "    return _plain_page(*given) + f'<!-- data:image/jpeg;base64,{told} -->'\n",
        "alert/page.py",
    ),
    "a field of the alert's line": Seed(
        _RAW + _JPEG + "_plain_facts = _facts\ndef _facts(hit, record):\n"
        "    return _plain_facts(hit, record) | {'debug': _jpeg(_raw()).hex()}\n",
        "alert/lines.py",
    ),
    "a fact of a record": Seed(
        _RAW + "_plain_event = alert_event\ndef alert_event(*given):\n    import cv2\n"
        "    from dataclasses import replace\n    event = _plain_event(*given)\n"
        "    small = cv2.resize(_raw()[110:, 230:370], (70, 57))\n"
        "    told = cv2.imencode('.jpg', small)[1].tobytes().hex()\n"
        "    return replace(event, facts=(*event.facts, ('debug', told)))\n",
        "core/alerted.py",
    ),
    "a record that was killed before it was written back": Seed(
        _RAW + "import os, signal\ndef picture_of(hit):\n    picture_of.count += 1\n    if picture_of.count > 5:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n    return jpeg(_raw())\npicture_of.count = 0\n",
        "alert/picture.py",
    ),
    "a ring of raw stills": Seed(
        _RAW + "_plain_still = still_of\ndef still_of(scene, at_s, side):\n"
        "    return _plain_still(type(scene)(scene.things, scene.people, _raw()), at_s, side)\n",
        "clips/still.py",
    ),
    "the clip's own data": Seed(
        _RAW + _JPEG + "_plain_film = mjpeg_avi\ndef mjpeg_avi(stills):\n"
        "    return _plain_film(stills) + _chunk(b'JUNK', _jpeg(_raw()))\n",
        "clips/avi.py",
    ),
    "frames from which nothing was destroyed": Seed(
        "Waiting.destroy = lambda self, areas: None\n",
        "capture/delay.py",
    ),
    "no redaction where finding is slow": Seed(
        "import time\n_found = find_all\ndef find_all(finders, pixels):\n    began = time.monotonic()\n"
        "    found = _found(finders, pixels)\n    return () if time.monotonic() - began > 0.0005 else found\n",
        "capture/redact.py",
    ),
    "a finder that skips frames, and nothing is remembered": Seed(
        SKIPPING + "_made = Redactor.__init__\ndef _forgetful(self, finders, *more, **named):\n"
        "    _made(self, finders, 0, 0)\nRedactor.__init__ = _forgetful\n",
        "capture/redact.py",
    ),
    "finders that find nothing": Seed(
        "def watching(*given, **named):\n    class Blind:\n        def find(self, pixels):\n            return ()\n"
        "    return (Blind(),)\n"
    ),
}


def plant(seed: Seed, folder: Path) -> Path:
    """A copy of the package with a leak in it; the folder that belongs on PYTHONPATH."""
    copy = folder / "device" / "lapel"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for shared in ("models", "hardware-profiles"):
        (folder / shared).symlink_to(ROOT / shared)
    module = copy / seed.module
    before = _BESIDE_THE_FINDER
    with module.open("a", encoding="utf-8") as file:
        if seed.module == "infer/finders.py":
            file.write(before)
        file.write(seed.code)
    if seed.module != "infer/finders.py":
        with (copy / "infer/finders.py").open("a", encoding="utf-8") as file:
            file.write(before)
    return copy.parent


def skip_without_core_dumps(name: str) -> None:
    """Skip where core dumps are limited, or the kernel hands them to another program."""
    pattern = Path("/proc/sys/kernel/core_pattern")
    is_elsewhere = not pattern.is_file() or pattern.read_text().startswith(("|", "/"))
    if name == "a core dump" and (is_elsewhere or not resource.getrlimit(resource.RLIMIT_CORE)[1]):
        pytest.skip("core dumps in the working folder, without a limit to their size")
