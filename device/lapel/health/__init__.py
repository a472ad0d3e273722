"""Beats, meters and the log."""
