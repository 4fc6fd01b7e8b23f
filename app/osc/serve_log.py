"""The log lines of `technogan serve`."""

import threading
import time

from technogan.osc.commands import Generate, LoadModel
from technogan.osc.jobs import OscJob
from technogan.osc.protocol import Reply
from technogan.osc.service import Listener
from technogan.sound.loop import Loop

# A sender that is not permitted must not be able to flood the log.
_DROPS_SHOWN = 20


class ServeLog(Listener):
    """Prints finished jobs; with `verbose` also every message, received (<-) and sent (->). Any thread may call it."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose
        self._lock = threading.Lock()
        self._drops = 0

    def line(self, text: str) -> None:
        """Print one line with the time of day."""
        with self._lock:
            # A client must not be able to send terminal control sequences.
            safe = "".join(letter if letter.isprintable() else "?" for letter in text)
            print(f"{time.strftime('%H:%M:%S')} {safe}", flush=True)

    def received(self, sender: str, message: object) -> None:
        """See Listener."""
        if self._verbose:
            self.line(f"<- {sender} {message}")

    def sent(self, receiver: str, message: object) -> None:
        """See Listener."""
        if self._verbose:
            self.line(f"-> {receiver} {message}")

    def dropped(self, sender: str, reason: str) -> None:
        """See Listener."""
        self._drops += 1
        if self._verbose or self._drops <= _DROPS_SHOWN:
            self.line(f"not answered: {sender}: {reason}")
        elif self._drops == _DROPS_SHOWN + 1:
            self.line("not answered: more of these are shown only with --verbose")

    def job_finished(self, job: OscJob, reply: Reply, loop: Loop | None) -> None:
        """See Listener."""
        command = job.request.command
        if reply.name == "error":
            *_, code, text = reply.values
            if code != "superseded" or self._verbose:
                self.line(f"{job.request.name}: {text}")
        elif isinstance(command, Generate):
            self.line(str(reply.values[-1]))
        elif isinstance(command, LoadModel):
            self.line(f"loaded the model {reply.values[0]}")
