"""Puts things on a watchlist: judges their pictures and terms, and makes references by the production path."""
