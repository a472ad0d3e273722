"""``lapel-admin audit verify``: what a device's signed heads prove, from a pack, without the device."""

from __future__ import annotations

import argparse
import json

from lapel.core.chain import HASH_BYTES
from lapel.core.proof import (
    nodes_over,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from lapel.core.records import Head
from lapel.errors import Tampered, UsageError
from lapel_tools.cli.pack import add_verifying_options, is_compared, is_former, shown_by, told_of_key
from lapel_tools.pack.verifying import Shown

HELP = "prove from a pack that a record is in a device's tree, and that its heads belong together"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare verify."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify")
    said = (
        "From a pack that was made with --audit: every head that the device ever signed follows from the same records, "
        "so that nothing was changed, removed or put between, and any record is proved to be in its place. The proofs "
        "are those of RFC 6962; --json shows them."
    )
    parser.description = said
    verify = actions.add_parser("verify", help=said, description=said)
    add_verifying_options(verify)
    verify.add_argument(
        "--record",
        type=int,
        metavar="N",
        help="prove that record N is there, under the first head after it and the last",
    )
    verify.add_argument(
        "--between",
        type=int,
        nargs=2,
        metavar=("A", "B"),
        help="prove that the head of B records only added to that of A",
    )


def run(args: argparse.Namespace) -> int:
    """Prove it. Raises: UsageError, Tampered."""
    shown = shown_by(args)
    if not shown.leaves:
        raise UsageError(f"{args.file}: was made without --audit; lapel-admin pack verify says what it shows")
    leaves = [shown.leaves[at : at + HASH_BYTES] for at in range(0, len(shown.leaves), HASH_BYTES)]
    facts: dict[str, object] = {
        "device": shown.device,
        "key": str(shown.key),
        "key_compared": is_compared(args),
        "key_former": is_former(args, shown),
        "records": len(leaves),
        "heads": [{"records": head.size, "root": head.root.hex()} for head in shown.checkpoints],
    }
    lines = [
        f"{args.file}: {len(leaves)} records of {shown.device}, under {len(shown.checkpoints)} signed heads",
        f"  {told_of_key(args, shown)}",
    ]
    if args.record is not None:
        proofs = _inclusion(leaves, shown, args.record)
        facts["record"] = {"sequence": args.record, "leaf": leaves[args.record].hex(), "proofs": proofs}
        heads = " and ".join(map(str, proofs))
        lines.append(
            f"  record {args.record} ({leaves[args.record].hex()[:32]}) is in its place under the heads of {heads}"
        )
    if args.between is not None:
        earlier, later = (_head(shown, size) for size in sorted(args.between))
        facts["between"] = [each.hex() for each in _consistency(leaves, earlier, later)]
        lines.append(f"  the head of {later.size} records only added to that of {earlier.size}")
    print(json.dumps(facts) if args.json else "\n".join([*lines, "  each head is consistent with each"]))
    return int(is_former(args, shown))


def _consistency(leaves: list[bytes], earlier: Head, later: Head) -> tuple[bytes, ...]:
    proof = prove_consistency(earlier.size, later.size, nodes_over(leaves))
    if not verify_consistency(earlier, later, proof):
        raise Tampered(f"the head of {later.size} records did not grow from that of {earlier.size}")
    return proof


def _inclusion(leaves: list[bytes], shown: Shown, sequence: int) -> dict[int, list[str]]:
    """By the size of the first head after it and of the last, the hashes that prove it."""
    if not 0 <= sequence < len(leaves):
        raise UsageError(f"--record {sequence}: there are {len(leaves)} records, numbered from 0")
    after = [head for head in shown.checkpoints if head.size > sequence]
    proofs = {}
    for head in (after[0], after[-1]):
        proof = prove_inclusion(sequence, head.size, nodes_over(leaves))
        if not verify_inclusion(leaves[sequence], sequence, head, proof):
            raise Tampered(f"record {sequence} is not under the head of {head.size} records")
        proofs[head.size] = [each.hex() for each in proof]
    return proofs


def _head(shown: Shown, size: int) -> Head:
    found = [head for head in shown.checkpoints if head.size == size]
    if not found:
        near = ", ".join(str(head.size) for head in shown.checkpoints[:20])
        raise UsageError(f"--between {size}: the device signed no head of so many records; it signed: {near}")
    return found[0]
