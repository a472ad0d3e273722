"""How a measurement is printed for machines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from lapel.health.machine import Machine


def print_json(machine: Machine, figures: dict[str, object]) -> int:
    """Print figures as one JSON object, with the machine that they are of; returns the exit code."""
    json.dump({"machine": asdict(machine), **figures}, sys.stdout, sort_keys=True)
    print()
    return 0
