"""Wait until a program listens on a UDP port, for a minute at most: `python await_port.py PORT`."""

import socket
import sys
import time

end = time.monotonic() + 60
while time.monotonic() < end:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", int(sys.argv[1])))
        except OSError:
            sys.exit(0)
    time.sleep(0.05)
sys.exit("no program listens")
