"""Puts thousands of things that nobody looks for on a watchlist, to see whether it still finds its own and no other.

    python -m lapel_tools.evaluate.crowd --watchlist FILE --key-file KEY --kit KIT --out CROWDED [--distractors 10000]

Distractors are parts of the kit's detection pictures and drawn things; none is of its clips, so that any alert of one
in a clip is false. Then:

    lapel-admin calibrate --watchlist CROWDED --key-file KEY
    lapel-admin evaluate KIT --part video --watchlist CROWDED --key-file KEY --out DIR --listed-in CLIP
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lapel.alert.picture import jpeg
from lapel.config.profile import load_profile
from lapel.core.compact import compacted, fitted, level_for
from lapel.core.gallery import Gallery
from lapel.core.search import directions
from lapel.core.things import Entry, Kind, Reference
from lapel.store.gallery import read_gallery, write_gallery
from lapel.wiring.seeing import Seeing, open_seeing
from lapel_tools.cli.keys import add_key_options, key_for_reading
from lapel_tools.evaluate.distractors import distractors
from lapel_tools.evaluate.kit import Kit
from lapel_tools.progress import BarOnStderr

_PREFIX = "distractor-"
_PICTURE_PX = 64


def main() -> None:
    """Make the list."""
    parser = argparse.ArgumentParser(
        prog="python -m lapel_tools.evaluate.crowd",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--watchlist", type=Path, required=True, metavar="FILE")
    add_key_options(parser, "opens the watchlist, and seals the other")
    parser.add_argument("--kit", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--distractors", type=int, default=10_000, metavar="N")
    args = parser.parse_args()
    seeing, kit, keys = open_seeing(load_profile("ci-video")), Kit(args.kit), key_for_reading(args)
    gallery = read_gallery(args.watchlist, keys, seeing.models.describing_sha256)
    pictures = tuple(kit.path("detection", file) for file in kit.pictures("detection"))
    references = tuple(_references(seeing, pictures, args.distractors))
    write_gallery(args.out, crowded(gallery, references), keys)
    print(f"{args.out}: {len(gallery.entries)} entries among {len(references)} distractors")


def crowded(gallery: Gallery, others: tuple[Reference, ...]) -> Gallery:
    """The list with one entry more for every reference of ``others``."""
    terms, model = gallery.entries[0], gallery.terms
    entries = tuple(
        Entry(other.entry_id, "distractor", Kind.OTHER, "evaluation", terms.case, terms.authority, model.expires)
        for other in others
    )
    return fitted(replace(gallery, entries=(*gallery.entries, *entries), references=(*gallery.references, *others)))


def is_distractor(entry_id: str) -> bool:
    """Whether an entry was put on a list as a distractor."""
    return entry_id.startswith(_PREFIX)


def _references(seeing: Seeing, pictures: tuple[Path, ...], count: int) -> Iterator[Reference]:
    level = level_for(count)
    made = distractors(pictures, (), seeing.at_stills().finders, count)
    for number, (pixels, outline) in zip(BarOnStderr().each(range(count), "distractors"), made, strict=True):
        features = seeing.features.extract(pixels, outline)
        described, together = seeing.embedder.describe(pixels), seeing.features.aggregate(features)
        picture = jpeg(pixels, longest_side_px=_PICTURE_PX)
        kept = compacted(features, level)
        yield Reference(f"{_PREFIX}{number}", directions(described), directions(together), kept, picture)


if __name__ == "__main__":
    main()
