"""Whatever goes wrong in a command ends as one line and a documented exit code."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lapel import errors
from lapel.cli.main import BROKEN_PIPE, BUG, INTERRUPTED, LAPEL, Program, main, run_program

COMMAND = """
HELP = "Do what the test asks."

def configure(parser):
    parser.add_argument("--count", type=int, default=1)

def run(args):
    {body}
"""


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a program with one command 'try' that does what it is given."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def program(body: str) -> Program:
        name = f"planted_{len(list(tmp_path.iterdir()))}_{tmp_path.name}"
        (tmp_path / f"{name}.py").write_text(COMMAND.format(body=body), encoding="utf-8")
        return Program("lapel", "lapel", "It keeps its promise.", {"try": name})

    return program


def test_a_command_s_exit_code_is_the_program_s(plant) -> None:
    assert run_program(plant("return 1"), ["try"]) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [("UsageError", 2), ("ConfigError", 3), ("HardwareError", 4), ("StoreFull", 4), ("Tampered", 5), ("WrongKey", 5)],
)
def test_an_error_of_the_family_is_one_line_and_its_exit_code(plant, capsys, error: str, code: int) -> None:
    program = plant(f"from lapel.errors import {error}; raise {error}('list.lapel: cut off\\nsend it again')")
    assert run_program(program, ["try"]) == code
    assert capsys.readouterr() == ("", "lapel: list.lapel: cut off send it again\n")


def test_every_error_of_the_family_has_a_documented_exit_code() -> None:
    family = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.LapelError)]
    assert {each.exit_code for each in family} <= {1, 2, 3, 4, 5}


def test_an_interrupt_ends_without_a_word(plant, capsys) -> None:
    assert run_program(plant("raise KeyboardInterrupt"), ["try"]) == INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_a_file_that_the_system_refuses_is_named(plant, capsys) -> None:
    assert run_program(plant("open('/nowhere/at/all')"), ["try"]) == 4
    assert capsys.readouterr().err == "lapel: /nowhere/at/all: No such file or directory\n"


def test_a_bug_does_not_look_like_a_finding(plant, capsys) -> None:
    assert run_program(plant("return 1 // 0"), ["try"]) == BUG
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert said.endswith("lapel: this is a bug; please report the lines above\n")


def test_an_unknown_command_is_answered_with_the_nearest(capsys) -> None:
    assert main(["wachlist"]) == 2
    assert capsys.readouterr().err == "lapel: wachlist: no such command; did you mean watchlist?\n"


@pytest.mark.parametrize("arguments", [["--count", "many"], ["--cuont", "1"], ["--cou", "1"]])
def test_wrong_arguments_are_one_line_and_a_usage_error(plant, capsys, arguments: list[str]) -> None:
    assert run_program(plant("return 0"), ["try", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("lapel: ")
    assert said.endswith("see lapel try --help\n")


def test_without_a_command_the_help_is_shown_as_a_usage_error(plant, capsys) -> None:
    assert run_program(plant("return 0"), []) == 2
    assert "usage: lapel COMMAND" in capsys.readouterr().err


def test_the_help_of_the_program_teaches_commands_promise_and_exit_codes(plant, capsys) -> None:
    assert run_program(plant("return 0"), ["--help"]) == 0
    said = capsys.readouterr().out
    for line in ("It keeps its promise.", "  try         do what the test asks", "  5  refused: "):
        assert line in said


def test_the_help_of_a_command_names_the_exit_codes(plant, capsys) -> None:
    assert run_program(plant("return 0"), ["try", "--help"]) == 0
    assert "  3  configuration: " in capsys.readouterr().out


@pytest.mark.parametrize("name", LAPEL.commands)
def test_a_command_explains_itself(name: str, capsys) -> None:
    assert main([name, "--help"]) == 0
    assert f"usage: lapel {name}" in capsys.readouterr().out


def run(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], text=True, timeout=60, check=False, **options)


def test_a_reader_that_goes_away_is_no_error_to_speak_of() -> None:
    read, write = os.pipe()
    os.close(read)
    done = run("import sys; from lapel.cli.main import main; sys.exit(main(['--version']))", stdout=write, stderr=-1)
    os.close(write)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE, "")


def test_asking_for_the_version_loads_no_command() -> None:
    done = run(
        """
        import sys
        from lapel.cli.main import main
        main(["--version"])
        print(sorted({"cv2", "numpy", "cryptography", "paho", "sqlcipher3"} & set(sys.modules)))
        """,
        capture_output=True,
    )
    assert done.stdout == "lapel 0.1.0\n[]\n"


@pytest.mark.parametrize(("given", "used"), [(None, "1"), ("3", "3")])
def test_small_products_run_on_one_thread_unless_told_otherwise(given: str | None, used: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = run(
        """
        import os
        import lapel.cli.main
        print(os.environ["OPENBLAS_NUM_THREADS"])
        """,
        capture_output=True,
        env=environment if given is None else environment | {"OPENBLAS_NUM_THREADS": given},
    )
    assert done.stdout == f"{used}\n"
