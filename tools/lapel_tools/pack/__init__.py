"""Evidence packs: a record, what it was made from, and the proofs, in one file that any laptop can check."""
