"""The administrator's watchlist: shown, compared, filled from a table, written out, and described by other models."""
