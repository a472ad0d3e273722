"""The README tells the truth where it can be checked: commands, links, settings."""

import re
import shlex
from pathlib import Path

import pytest

from lapel.cli.main import LAPEL, parser_of
from lapel.config.profile import load_profile, shipped_profiles
from lapel.config.site import load_site
from lapel_tools.cli.main import LAPEL_ADMIN

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = {"lapel": LAPEL, "lapel-admin": LAPEL_ADMIN}
CONSOLES = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
SHELL_DATE = re.compile(r"\$\(date[^)]*\)")


def commands() -> list[list[str]]:
    """Every command line of the README's consoles, as words."""
    text = "\n".join(CONSOLES).replace("\\\n", " ")
    lines = [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
    return [shlex.split(SHELL_DATE.sub("2025-01-01", line), comments=True) for line in lines]


OURS = [words for words in commands() if words[0] in PROGRAMS and words[1] not in ("--help", "--version")]


@pytest.mark.parametrize("words", OURS, ids=" ".join)
def test_a_command_of_the_readme_is_one_that_its_program_understands(words: list[str]) -> None:
    program, command, *options = words
    parser_of(PROGRAMS[program], command).parse_args(options)


def test_every_command_of_the_device_is_shown() -> None:
    assert {words[1] for words in OURS if words[0] == "lapel"} >= set(LAPEL.commands)


@pytest.mark.parametrize("words", [words for words in commands() if words[0].startswith("tools/")], ids=" ".join)
def test_a_tool_of_the_readme_can_be_run(words: list[str]) -> None:
    assert (ROOT / words[0]).stat().st_mode & 0o111


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tools/[\w./-]+)`?", README))))
def test_a_path_of_the_readme_is_there(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_a_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target).is_file()


def test_every_promise_is_linked_to_the_test_that_shows_it() -> None:
    table = README.split("## What it never does")[1].split("\n\n")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ") and not row.startswith("| never")]
    assert len(rows) >= 6
    assert [row for row in rows if "](tests/" not in row] == []


def test_the_site_file_of_the_readme_is_a_site_file(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    assert load_site(path).device.name == "cam-7"


@pytest.mark.parametrize("section", ["## What it never does", "## How it decides"])
def test_how_long_a_raw_frame_may_wait_is_told_as_the_profiles_have_it(section: str) -> None:
    waits = sorted({load_profile(name).redaction.late_ms for name in shipped_profiles()})
    told = " or ".join(f"{ms // 1000} s" if ms >= 1000 else f"{ms} ms" for ms in waits)
    assert f"{told} after" in README.split(section)[1].split("\n## ")[0]


def test_how_many_frames_are_held_back_is_told_as_the_profiles_have_it() -> None:
    held = sorted({load_profile(name).redaction.delay_frames for name in shipped_profiles()}, reverse=True)
    assert f"{' or '.join(map(str, held))} frames" in README


def test_the_exit_codes_of_the_readme_are_all_there() -> None:
    assert re.findall(r"\*\*(\d)\*\*", README) == ["0", "1", "2", "3", "4", "5"]
