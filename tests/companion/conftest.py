"""A watch and its companion, once for the tests of a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapel.core.feedback import Answer, answer_event
from officer_rig import Companion, Watch, companion, watching


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("device")


@pytest.fixture(scope="module")
def kept_watch(folder: Path) -> Iterator[Watch]:
    with watching(folder) as watch:
        yield watch


@pytest.fixture(scope="module")
def page(kept_watch: Watch, folder: Path) -> Iterator[Companion]:
    with companion(folder) as served:
        yield served


@pytest.fixture
def watch(kept_watch: Watch) -> Watch:
    """The watch, with nothing that waits for an answer."""
    for told in kept_watch.journal.answers.since(0):
        if kept_watch.journal.answers.said_of(told.id) is None:
            kept_watch.journal.append(answer_event(told.id, Answer.UNSURE, "before"))
    kept_watch.said.clear()
    return kept_watch
