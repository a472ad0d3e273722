"""Profile (what the hardware is) and site (what is wanted), read strictly from TOML."""
