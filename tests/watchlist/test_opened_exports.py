"""A sealed export that is opened for an import stays in memory no longer than the import, killed or not."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from lapel.fakes.gallery import made_up_gallery
from lapel.fakes.keys import FixedKey
from lapel_tools.watchlist import exported
from lapel_tools.watchlist.exported import TABLE, export, unsealed

DEAD = 2**22 + 1
"""No process has that number: the kernel's own limit is 2**22."""


def test_what_a_killed_import_left_goes_with_the_next_one_and_that_of_another_at_work_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    for process in (DEAD, os.getpid()):
        (memory / f"lapel-opened-{process}-abcd").mkdir(parents=True)
        (memory / f"lapel-opened-{process}-abcd" / TABLE).write_text("id,label\n")
    (memory / "lapel-opened-of somebody else").mkdir()
    monkeypatch.setattr(exported, "_MEMORY", memory)
    export(made_up_gallery(date(2026, 3, 1)), tmp_path / "sealed", FixedKey())
    others = {f"lapel-opened-{os.getpid()}-abcd", "lapel-opened-of somebody else"}
    with unsealed(tmp_path / "sealed", FixedKey) as (table, _):
        assert table.parent.parent == memory
        assert {path.name for path in memory.iterdir()} == others | {table.parent.name}
    assert {path.name for path in memory.iterdir()} == others
