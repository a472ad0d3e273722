"""The ``lapel`` command: a table of commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
import textwrap
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import NoReturn, Protocol, cast

from lapel.errors import LapelError

# The loop's products are small: a second BLAS thread that spins on a busy core makes comparing one reference ten times
# dearer (15.7 against 1.3 ms of CPU on two busy cores). Read when numpy is loaded, which only commands do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

EXIT_CODES = """\
exit codes:
  0  fine
  1  a finding
  2  usage: wrong options or input
  3  configuration: a profile or site file must be changed
  4  hardware: camera, disk, accelerator or network needs looking after
  5  refused: what was given is not trusted, and nothing was taken from it"""

HELP_COLUMNS = 100
USAGE, HARDWARE, BUG, LOCKED, INTERRUPTED, BROKEN_PIPE = 2, 4, 70, 75, 130, 141


@dataclass(frozen=True, slots=True)
class Program:
    """A program made of commands. ``commands`` maps a command's name to its module, in the order of the help."""

    name: str
    distribution: str
    promise: str
    commands: Mapping[str, str]


class Command(Protocol):
    """What a module of ``cli`` offers: one command."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it, and return the exit code."""


LAPEL = Program(
    name="lapel",
    distribution="lapel",
    promise=(
        "Lapel looks out for listed things, never for people.\n"
        "Faces are destroyed before anything else sees a frame, and every alert is a possible match to check."
    ),
    commands={
        "run": "lapel.cli.run",
        "replay": "lapel.cli.replay",
        "link": "lapel.cli.link",
        "watchlist": "lapel.cli.watchlist",
        "audit": "lapel.cli.audit",
        "companion": "lapel.cli.companion",
        "gps": "lapel.cli.gps",
        "unlock": "lapel.cli.unlock",
        "clip": "lapel.cli.clip",
        "bench": "lapel.cli.bench",
        "doctor": "lapel.cli.doctor",
        "wipe": "lapel.cli.wipe",
        "update": "lapel.cli.update",
        "provision": "lapel.cli.provision",
    },
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``lapel``; returns the exit code."""
    return run_program(LAPEL, sys.argv[1:] if argv is None else argv)


def run_program(program: Program, argv: Sequence[str]) -> int:
    """Run one command of a program, and turn whatever goes wrong into one line and an exit code."""
    try:
        code = _dispatch(program, argv)
        sys.stdout.flush()
        return code
    except LapelError as error:
        return _complain(program, str(error), error.exit_code)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not try to flush into the pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _complain(program, f"{place}{error.strerror or error}", HARDWARE)
    except Exception:  # noqa: BLE001  the top of the process: a bug must not look like a finding
        traceback.print_exc()
        return _complain(program, "this is a bug; please report the lines above", BUG)


def parser_of(program: Program, name: str) -> argparse.ArgumentParser:
    """The argument parser of one command. Raises: KeyError for a command that the program does not have."""
    return _parser(program, name, _load(program, name))


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        program = self.prog.split()[0]
        self.exit(USAGE, f"{program}: {message}; see {self.prog} --help\n")


def _dispatch(program: Program, argv: Sequence[str]) -> int:
    if not argv:
        print(_help(program), file=sys.stderr)
        return USAGE
    name, *rest = argv
    if name in ("-h", "--help", "help"):
        print(_help(program))
        return 0
    if name == "--version":
        print(f"{program.name} {version(program.distribution)}")
        return 0
    if name not in program.commands:
        near = difflib.get_close_matches(name, program.commands, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"see {program.name} --help"
        return _complain(program, f"{name}: no such command; {remedy}", USAGE)
    command = _load(program, name)
    try:
        args = _parser(program, name, command).parse_args(rest)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    return command.run(args)


def _load(program: Program, name: str) -> Command:
    return cast(Command, importlib.import_module(program.commands[name]))


def _parser(program: Program, name: str, command: Command) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"{program.name} {name}",
        description=command.HELP,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.configure(parser)
    parser.description = "\n\n".join(_paragraph(each) for each in (parser.description or "").split("\n\n"))
    return parser


def _paragraph(words: str) -> str:
    """A paragraph at the width of a help; one with indented lines is a layout, and stays as it was written."""
    return words if "\n  " in words else textwrap.fill(" ".join(words.split()), HELP_COLUMNS)


def _help(program: Program) -> str:
    lines = [f"usage: {program.name} COMMAND [OPTIONS]", "", program.promise, "", "commands:"]
    lines += [f"  {name:<12}{_in_one_line(_load(program, name).HELP)}" for name in program.commands]
    lines += [
        "",
        f"{program.name} COMMAND --help explains a command; {program.name} --version says which version this is.",
        "",
        EXIT_CODES,
    ]
    return "\n".join(lines)


def _in_one_line(text: str) -> str:
    """The first line of a command's help as a part of a list: without capital and full stop."""
    first = text.splitlines()[0].rstrip(".")
    return first[0].lower() + first[1:]


def _complain(program: Program, message: str, code: int) -> int:
    print(f"{program.name}: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
