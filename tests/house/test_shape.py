"""The house keeps its shape: short files, domain words, and nobody is spoken of as what is looked for."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE_LINES = 250
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
PACKAGES = (ROOT / "device", ROOT / "tools" / "lapel_tools")
MODULES = sorted(path for folder in PACKAGES for path in folder.rglob("*.py"))
PROGRAMS = [path for path in sorted((ROOT / "tools").iterdir()) if path.is_file() and path.suffix == ""]
TEXTS = [
    *(ROOT / name for name in ("README.md", "NOTICE", "pyproject.toml", "tools/pyproject.toml")),
    *sorted((ROOT / "hardware-profiles").glob("*.toml")),
    *sorted((ROOT / "systemd").iterdir()),
    *sorted(path for path in (ROOT / "models").iterdir() if path.suffix in {".md", ".toml"}),
]
NEVER_SAID = re.compile(
    r"\b(subjects?|suspects?|suspected|identity|identities|recogni\w+|black-?list\w*|persons? of interest)\b",
    re.IGNORECASE,
)
# The words of other people's interfaces: X.509 names and certificate subjects, mosquitto's settings, licences.
NOT_OURS = re.compile(
    r"subject_name|SubjectAlternativeName|SubjectKeyIdentifier|\.subject\b|\bsubject=|subject_alternative\w*"
    r"|use_identity_as_username|use_subject_as_username|\bsubject to\b",
    re.IGNORECASE,
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def forbidden(text: str) -> list[str]:
    """Forbidden words in a text, foreign terms aside."""
    return [match.group() for match in NEVER_SAID.finditer(NOT_OURS.sub("", text))]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_file_has_at_most_250_lines() -> None:
    lines = {relative(path): len(read(path).splitlines()) for path in MODULES + PROGRAMS}
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE_LINES} == {}


def test_a_module_is_named_for_what_it_holds() -> None:
    assert [relative(path) for path in MODULES if {path.stem, path.parent.name} & VAGUE] == []


def test_a_module_says_first_what_it_is_for() -> None:
    assert [relative(path) for path in MODULES if not read(path).startswith('"""')] == []


def test_no_text_speaks_of_what_is_seen_as_of_a_person() -> None:
    said = {relative(path): forbidden(read(path)) for path in MODULES + PROGRAMS + TEXTS}
    assert {name: words for name, words in said.items() if words} == {}


@pytest.mark.parametrize(
    "text", ["the suspect's bag", "Face recognition", "recognised", "a blacklisted item", "person of interest"]
)
def test_the_forbidden_words_are_found_when_they_are_there(text: str) -> None:
    assert len(forbidden(text)) == 1


def test_the_terms_of_certificates_and_brokers_are_not_ours_to_choose() -> None:
    assert forbidden("certificate.subject_name(name); use_identity_as_username true; x509.SubjectAlternativeName") == []


def test_no_check_is_switched_off_without_a_name() -> None:
    bare = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)")
    assert [relative(path) for path in MODULES if bare.search(read(path))] == []
