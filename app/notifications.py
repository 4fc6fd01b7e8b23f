"""What the musician is told. Anything may tell; the message bar shows it."""

from __future__ import annotations

import traceback

from PySide6.QtCore import QObject, Signal

from technogan.errors import Cancelled, TechnoganError


class Notices(QObject):
    """note: text. error: text, details for a report. In the GUI thread."""

    noted = Signal(str)
    failed = Signal(str, str)

    def note(self, text: str) -> None:
        """Something went as it should."""
        self.noted.emit(text)

    def error(self, error: BaseException, what: str = "") -> None:
        """Something did not: one of ours explains itself, another is a bug and says so."""
        if isinstance(error, Cancelled):
            return
        told = str(error) if isinstance(error, TechnoganError) else f"a fault in TechnoGAN ({_named(error)})"
        text = f"{what}: {told}" if what else told
        details = "".join(traceback.format_exception(error))
        self.failed.emit(f"{text[:1].upper()}{text[1:]}", f"{text}\n\n{details}")


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
