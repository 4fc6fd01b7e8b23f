"""The instrument's sound: loops on one beat clock, mixed with NumPy and played through PortAudio. Free of Qt."""
