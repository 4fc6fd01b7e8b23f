"""Handlers that child processes of the tests run."""

import contextlib
import itertools
import os
import signal
import threading
import time

from app.processes.child_server import Handler
from technogan.errors import SettingError


@contextlib.contextmanager
def open_toy(server, *, greeting="hello"):
    """Answer with all messages so far; some messages do as they say."""
    toy = _Toy(server)
    server.send_event(greeting)
    yield Handler(toy.handle, activity=toy.activity)


class _Toy:
    def __init__(self, server):
        self.server = server
        self.messages = []
        self.still = False
        self.counter = itertools.count()

    def activity(self):
        return 0 if self.still else next(self.counter)

    def handle(self, message):
        match message if isinstance(message, str) else None:
            case "refuse":
                raise SettingError("message", message, "something else")
            case "fail":
                raise ZeroDivisionError(message)
            case "crash":
                os.kill(os.getpid(), signal.SIGABRT)
            case "crash soon":
                threading.Timer(0.2, os._exit, [3]).start()
            case "exit":
                os._exit(0)
            case "hang":
                threading.Event().wait()
            case "work":
                for done in range(8):
                    time.sleep(0.2)
                    self.server.report_progress(done, 8)
            case "until cancelled":
                self.server.report_progress(0.5)
                while not self.server.is_cancelled():
                    time.sleep(0.01)
                return "cancelled"
            case "rest":
                self.still = True
        self.messages.append(message)
        return list(self.messages)
