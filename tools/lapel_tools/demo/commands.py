"""Runs the commands that a user would run, and says which."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lapel.errors import LapelError

PATIENCE_S = 600


class CommandFailed(LapelError, RuntimeError):
    """A command of the demo ended otherwise than it should."""


def program(name: str) -> str:
    """A command of the environment that the demo itself runs in."""
    return str(Path(sys.executable).parent / name)


def shown(command: Sequence[str]) -> str:
    """A command as a user would type it from the repository's root."""
    words = [str(Path(".venv/bin") / Path(command[0]).name), *(_near(word) for word in command[1:])]
    return shlex.join(words)


def run(command: Sequence[str]) -> None:
    """Run a command whose output the user sees. Raises: CommandFailed."""
    print(f"$ {shown(command)}", flush=True)
    code = subprocess.run(command, timeout=PATIENCE_S, check=False).returncode
    if code != 0:
        raise CommandFailed(f"{shown(command)}: exit {code}; its own lines above say why")


@contextmanager
def beside(command: Sequence[str]) -> Iterator[None]:
    """Run a command while the block runs, on another core, and wait for it. Raises: CommandFailed."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield
            _, complaint = child.communicate(timeout=PATIENCE_S)
        finally:
            child.kill()  # does nothing to one that has ended
    if child.returncode != 0:
        raise CommandFailed(f"{shown(command)}: exit {child.returncode}: {complaint.strip()[-300:]}")


def read(command: Sequence[str]) -> str:
    """What a command prints, whatever its exit code. Its complaints are seen."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False).stdout


def _near(word: str) -> str:
    path = Path(word)
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else word
