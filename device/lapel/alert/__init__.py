"""Ways of telling the officer: console, JSON lines, a page."""
