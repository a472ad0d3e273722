"""Things with a photo each, a table of them and the list that they fill; and the models of another version."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from footage import write_picture
from lapel.core.gallery import Gallery
from lapel.infer.manifest import ModelStore, models_folder
from lapel.store.gallery import read_gallery
from lapel.store.keys import FileKey
from lapel_tools.cli.main import main
from lapel_tools.synth.things import render

LAST_DAY = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
HEAD = ("id", "label", "purpose", "case", "authority", "expires", "photos")


class Store:
    """Things with a photo each, a table of them, and the list to fill."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.list, self.key = folder, folder / "list.lapel", folder / "list.key"
        self.table = folder / "things.csv"
        self.work = folder / ".list.lapel.work"

    def things(self, count: int, *more: tuple[str, ...]) -> None:
        rows = []
        for number in range(count):
            write_picture(self.folder / f"{number}.png", render(number + 1, 0).pixels)
            rows.append((f"thing-{number}", "Crate", "stolen", "C-1", "court", LAST_DAY, f"{number}.png"))
        with self.table.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows((HEAD, *rows, *more))

    def words(self, *words: str) -> list[str]:
        return ["watchlist", *words, "--key-file", str(self.key)]

    def fill(self, *options: str, table: Path | None = None) -> int:
        into = ("--into", str(self.list), "--processes", "1")
        return main(self.words("import", str(table or self.table), *into, *options))

    def gallery(self) -> Gallery:
        return read_gallery(self.list, FileKey(self.key))


def other_models(folder: Path) -> Path:
    """The committed models, the descriptor's file with a byte more: another model, and the same work."""
    shutil.copytree(models_folder(), folder)
    card = ModelStore(folder).card("descriptor")
    path, manifest = folder / card.file, folder / "manifest.toml"
    path.write_bytes(path.read_bytes() + b"\x00")
    sha256 = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(card.sha256, sha256), encoding="utf-8")
    return folder
