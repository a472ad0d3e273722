"""``lapel-admin watchlist export``: writes a list as a table and photos."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lapel.errors import UsageError
from lapel.store.gallery import read_gallery
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.watchlist.exported import export

HELP = "write a list as a table and photos, sealed or plain"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Write a list as table.csv and photos/, as lapel-admin watchlist import takes them: into the same list nothing "
        "changes, and a row that was edited changes its entry (--update). Every file is sealed by the list's key, and "
        "import opens it; with --plain none is, and whoever has the folder reads cases, owners and pictures. Photos "
        "are the reference pictures that the list keeps: at most 640 px, without faces."
    )
    parser.add_argument("list", type=Path, metavar="LIST", help="the sealed list")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="is made; must not be there")
    add_key_options(parser, "opens the list, and seals what is written")
    parser.add_argument("--plain", action="store_true", help="seal nothing, for other programs to read")


def run(args: argparse.Namespace) -> int:
    """Write it. Raises: UsageError, ConfigError, Refused, StoreError."""
    folder: Path = args.folder
    if not folder.absolute().parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.parent}; make it first")
    keys = key_for_reading(args)
    gallery = read_gallery(args.list, keys)
    count = export(gallery, folder, None if args.plain else keys)
    left_out = f"; {len(gallery.decoys)} decoys left out" if gallery.decoys else ""
    print(f"{folder}: {count} entries written, {'NOT sealed' if args.plain else 'sealed'}{left_out}")
    if args.plain:
        print(
            f"lapel-admin: {folder}: anyone who has this folder reads its cases, owners and pictures; keep it on an "
            "encrypted disk, and remove it when it is done with",
            file=sys.stderr,
        )
    return 0
