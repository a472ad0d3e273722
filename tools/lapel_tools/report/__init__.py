"""Pages for people at the bench: one file each, without a script, that opens offline."""
