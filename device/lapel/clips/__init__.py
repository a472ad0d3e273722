"""Evidence clips: stills of redacted scenes, held in memory, that become a film when there was an alert."""
