"""Tells the officer of a possible match to check, never of a verdict."""
