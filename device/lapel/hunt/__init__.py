"""The leak hunt: drawn faces that carry a mark, and a searcher that finds the mark in whatever was written or sent."""
