"""The option of every command that opens a station's database."""

from __future__ import annotations

import argparse


def add_database_option(parser: argparse.ArgumentParser, is_required: bool = True) -> None:
    """Give a command --db. A path would lose one slash of a URL, so it stays a text."""
    parser.add_argument(
        "--db",
        required=is_required,
        metavar="FILE|URL",
        help="the station's database: a SQLite file, or postgresql://USER@HOST/DATABASE (password: in ~/.pgpass)",
    )
