"""Reads what a Debian package says of itself, with nothing of Debian: administrators sign on any machine.

Format: deb(5), an ar(5) archive of debian-binary, control.tar and data.tar.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from hashlib import file_digest
from lzma import LZMAError
from pathlib import Path

from lapel.core.software import PACKAGE, Release
from lapel.errors import UsageError

_MAGIC, _END = b"!<arch>\n", b"`\n"
_HEADER_BYTES = 60
_LONGEST_CONTROL_BYTES = 1 << 20
_CONTROLS = ("control.tar.xz", "control.tar.gz", "control.tar")


def release_of(package: Path) -> Release:
    """What a package file is. Raises: UsageError for one that is no package of Lapel."""
    try:
        fields = control_of(package)
        if fields.get("Package") != PACKAGE:
            raise ValueError(f"is package {fields.get('Package')!r}, not {PACKAGE}")
        with package.open("rb") as file:
            digest = file_digest(file, "sha256")
        version, architecture = fields.get("Version", ""), fields.get("Architecture", "")
        return Release(architecture, version, digest.hexdigest(), package.stat().st_size)
    except (ValueError, tarfile.TarError, EOFError, LZMAError, zlib.error) as error:
        raise UsageError(f"{package}: {error}; give what tools/build-deb made") from error
    except OSError as error:
        raise UsageError(f"{package}: cannot be read: {error.strerror or error}; give a .deb") from error


def control_of(package: Path) -> dict[str, str]:
    """The fields of its control file, folded lines left out. Raises: ValueError, OSError, tarfile.TarError."""
    with tarfile.open(fileobj=io.BytesIO(_control_archive(package))) as archive:
        for name in ("./control", "control"):
            if name in archive.getnames():
                file = archive.extractfile(name)
                text = file.read(_LONGEST_CONTROL_BYTES).decode() if file else ""
                pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith(" "))
                return {key: value.strip() for key, value in pairs}
    raise ValueError("says nothing of itself (no control file)")


def _control_archive(package: Path) -> bytes:
    with package.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError("is no Debian package")
        while len(header := file.read(_HEADER_BYTES)) == _HEADER_BYTES and header.endswith(_END):
            name, length = header[:16].decode("ascii", "replace").rstrip(" /"), int(header[48:58])
            if length < 0:
                break
            if name in _CONTROLS and length <= _LONGEST_CONTROL_BYTES:
                return file.read(length)
            file.seek(length + length % 2, io.SEEK_CUR)
    raise ValueError(f"has no {' or '.join(_CONTROLS)} that can be read")
