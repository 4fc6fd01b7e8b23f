"""The frame of the wizards, and the widgets and wording that both share."""
