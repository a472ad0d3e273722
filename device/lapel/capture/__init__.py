"""Cameras and files in, redacted frames out: the only place where an unblurred pixel exists."""
