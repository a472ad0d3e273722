"""The grey of what is not shown: what was destroyed, people's areas, and what lies beyond a picture's border. Pure."""

BLANK = (127, 127, 127)
