"""Measures how often a watchlist would be wrong, by showing it things that are not on it."""
