"""``lapel-admin watchlist``: looks at a list as a whole, and changes it as a whole."""

from __future__ import annotations

import argparse
import importlib
from typing import cast

from lapel.cli.main import Command

HELP = "show a list, compare two, fill one from a table, write one out, or describe it by other models"

_ACTIONS = {
    "show": "lapel_tools.cli.watchlist_show",
    "diff": "lapel_tools.cli.watchlist_diff",
    "import": "lapel_tools.cli.watchlist_import",
    "export": "lapel_tools.cli.watchlist_export",
    "redescribe": "lapel_tools.cli.watchlist_redescribe",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare each action."""
    parser.description = (
        "Work with a list that lapel-admin enrol or import made. The list is one sealed file: it is replaced whole or "
        "not at all, by one command at a time."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    for name, module in _ACTIONS.items():
        command = _loaded(module)
        command.configure(actions.add_parser(name, help=command.HELP))


def run(args: argparse.Namespace) -> int:
    """Do what is asked. Raises: what the action does."""
    return _loaded(_ACTIONS[args.action]).run(args)


def _loaded(module: str) -> Command:
    return cast("Command", importlib.import_module(module))
