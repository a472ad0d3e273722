"""The hazard list that is built in: pictograms drawn by the project, and substances whose facts are cited."""
