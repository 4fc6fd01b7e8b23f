"""Messages for the musician. Any part of the instrument may send one; the message bar shows it."""

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from technogan.errors import Cancelled, TechnoganError


class Notifications(QObject):
    """Sends messages in the GUI thread.

    Signals: `noted` carries a text; `failed` carries a text and the details for a bug report.
    """

    noted = Signal(str)
    failed = Signal(str, str)

    def note(self, text: str) -> None:
        """Report that something succeeded or changed."""
        self.noted.emit(text)

    def warn(self, text: str) -> None:
        """Report a problem that is not an exception."""
        self.failed.emit(text, text)

    def error(self, error: BaseException, what: str = "") -> None:
        """Report an exception: a TechnoganError explains itself, any other is reported as a bug.

        Args:
            error: the exception; Cancelled is not reported.
            what: the work that failed, to put in front of the message.
        """
        if isinstance(error, Cancelled):
            return
        message = str(error) if isinstance(error, TechnoganError) else f"a bug in TechnoGAN ({_describe(error)})"
        text = f"{what}: {message}" if what else message
        details = "".join(traceback.format_exception(error))
        self.failed.emit(f"{text[:1].upper()}{text[1:]}", f"{text}\n\n{details}")

    def attempt(self, action: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call `action` and return its result; report a TechnoganError and return None."""
        try:
            return action(*arguments, **named)
        except TechnoganError as error:
            self.error(error)
            return None


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
