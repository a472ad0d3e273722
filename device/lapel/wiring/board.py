"""Whether a profile is for the board that this is."""

from __future__ import annotations

from collections.abc import Callable

from lapel.config.profile import Board
from lapel.errors import ConfigError
from lapel.health.machine import this_machine


def examine_board(board: Board) -> str:
    """What the figures of a profile are worth here. Raises: ConfigError where they are another board's."""
    machine = this_machine().board
    if foreign := board.foreign_to(machine):
        raise ConfigError(foreign)
    measured = f"measured here on {board.measured_on}" if board.measured else "planning estimates, not measured"
    return f"profile {board.name} on {machine}: its figures are {measured}"


def tell_of_board(notice: Callable[[str], None], board: Board) -> None:
    """Say that a watch goes on with another board's figures: what is too slow or too hot may come of it."""
    if foreign := board.foreign_to(this_machine().board):
        notice(foreign)
