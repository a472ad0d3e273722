"""Whoever changes an authority's folder does so alone: what one has just said is not lost to another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from authority_desk import Desk, contents
from lapel.store.withdrawal_terms import withdrawals_in
from lapel_tools.authority.folder import AuthorityFolder, Current
from lapel_tools.authority.proposal import read_proposal

TODAY = datetime.now(UTC).date()
WITHDRAWN = ("--list", "springfield", "--entry", "crate-1", "--reason", "given back")


def test_a_withdrawal_while_the_publication_is_renewed_is_not_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The daily renewal has read what is published, and not written yet, when carol withdraws.
    codes: list[int] = []
    read = AuthorityFolder.current

    def overtaken(folder: AuthorityFolder) -> Current:
        found = read(folder)
        if not codes:
            codes.append(-1)
            codes[0] = desk.withdraw("carol", *WITHDRAWN)
        return found

    monkeypatch.setattr(AuthorityFolder, "current", overtaken)
    assert desk.publish("--renew") == 0
    monkeypatch.undo()
    assert codes == [4]
    assert "let that command end, then run this one again" in capsys.readouterr().err
    assert desk.withdraw("carol", *WITHDRAWN) == 0
    assert desk.publish("--renew") == 0
    assert len(withdrawals_in(read(AuthorityFolder(desk.dir)).withdrawals.signed)) == 1


def test_every_command_that_changes_the_folder_waits_for_its_turn(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.propose("alice", None) == 0
    before = contents(desk.dir)
    capsys.readouterr()
    with AuthorityFolder(desk.dir).alone():
        codes = [
            desk.sign("bob"),
            desk.publish(),
            desk.publish("--renew"),
            desk.withdraw("carol", *WITHDRAWN),
            desk.wipe("carol", "cam-1"),
            desk.propose("alice", None, "--replace"),
            desk.rotate("--replace"),
        ]
    assert codes == [4] * 7
    said = capsys.readouterr().err.splitlines()
    assert ["is writing it; let that command end" in line for line in said if "process" in line] == [True] * 7
    assert contents(desk.dir) == before


def test_another_proposal_than_the_one_shown_is_not_signed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.propose("alice", None, "--days", "30")

    def replaced(prompt: str) -> str:
        assert desk.propose("carol", None, "--days", "80", "--replace") == 0
        return "yes"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", replaced)
    assert desk.sign("bob", "--html", str(desk.folder / "page.html")) == 5
    assert "another proposal waits by now than the one shown" in capsys.readouterr().err
    assert len(read_proposal(AuthorityFolder(desk.dir)).documents["targets"].signatures) == 1
