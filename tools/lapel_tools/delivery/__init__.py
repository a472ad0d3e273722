"""Puts what an authority published on a broker, from which devices take it."""
