"""The sound of the instrument: loops on one beat clock, mixed in numpy, played through PortAudio. No Qt here."""
