"""Whether a proposed list keeps its budget of false alerts: asked of whoever proposes it, told to whoever signs it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lapel.alert.words import hours, said_of_calibration
from lapel.core.calibration import CHANGED, OTHER_RULE, Calibration
from lapel.core.listed import Preface, expected_of
from lapel.core.things import Expected
from lapel.errors import Refused

_NOTHING_OVER = 1 + 1e-9
"""A sum of rates that was planned to be the budget is not above it by how it was rounded."""


class Held(Enum):
    """How a list stands to its budget."""

    KEPT = "kept"
    ABOVE = "above"
    STALE = CHANGED
    OF_OTHER_RULE = OTHER_RULE
    UNCALIBRATED = "uncalibrated"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a list with pictures is allowed and expected to give; ``expected`` is None where nobody knows."""

    calibration: Calibration | None
    expected: Expected | None

    @property
    def held(self) -> Held:
        """How the list stands to it."""
        if self.calibration is None:
            return Held.UNCALIBRATED
        if self.expected is None:
            return Held(self.calibration.why_stale)
        is_above = self.expected.per_hour > self.calibration.budget_per_hour * _NOTHING_OVER
        return Held.ABOVE if is_above else Held.KEPT

    def __str__(self) -> str:
        """In one line, as in "false alerts: about 1 in 20 hours, ...; within its budget of 1 in 8 hours"."""
        words = said_of_calibration(self.calibration, self.expected)
        if self.calibration is None:
            return words
        where = {Held.KEPT: "within", Held.ABOVE: "ABOVE"}.get(self.held, "not known to keep")
        return f"{words}; {where} its budget of 1 in {hours(self.calibration.budget_per_hour)}"

    def facts(self) -> dict[str, object]:
        """The same for JSON: false alerts an hour, null where nobody knows."""
        known, found = self.expected, self.calibration
        return {
            "held": self.held.value,
            "per_hour": known and known.per_hour,
            "at_least_per_hour": known and known.at_least_per_hour,
            "at_most_per_hour": known and known.at_most_per_hour,
            "budget_per_hour": found and found.budget_per_hour,
        }


def budget_of(preface: Preface, references: int) -> Budget | None:
    """The budget of a list with so many references; None for a list of codes alone, which are not calibrated."""
    return Budget(preface.calibration, expected_of(preface.calibration, preface.terms)) if references else None


def check_held(list_id: str, budget: Budget | None) -> None:
    """Raises: Refused for a list that is not known to keep its budget."""
    if budget is None or budget.held is Held.KEPT:
        return
    raise Refused(
        f"list {list_id}: {budget}; calibrate it by lapel-admin calibrate, which names the entries that break a "
        "budget, and propose that file, or give --uncalibrated, which whoever signs is told"
    )
