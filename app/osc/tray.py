"""The system tray icon of `technogan serve --tray`."""

import importlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

_POLL_MS = 250
_PROBE_S = 20.0


def find_problem() -> str:
    """Return the reason if the system tray cannot be used, otherwise "".

    A child process tests it, because Qt aborts a process whose display does not respond.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        return "there is no display"
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        return f"Qt cannot be loaded ({error}); reinstall TechnoGAN"
    probe = multiprocessing.get_context("spawn").Process(target=_probe, daemon=True)
    probe.start()
    probe.join(_PROBE_S)
    if probe.is_alive():
        probe.kill()
        return "the display does not respond"
    return {0: "", 1: "this desktop has no tray"}.get(probe.exitcode or 0, "the display cannot be used")


def show(stop: threading.Event, directory: Callable[[], Path]) -> None:
    """Show the icon until `stop` is set; Quit sets it. Only the main thread may call it."""
    from PySide6.QtCore import QTimer, QUrl
    from PySide6.QtGui import QDesktopServices
    from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

    from app.widgets.icons import application_icon

    application = QApplication.instance() or QApplication(["technogan"])
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)
    icon = QSystemTrayIcon(application_icon())
    icon.setToolTip("TechnoGAN: OSC bridge")
    menu = QMenu()
    menu.addAction("Open folder").triggered.connect(
        lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(directory())))
    )
    menu.addAction("Quit TechnoGAN").triggered.connect(stop.set)
    icon.setContextMenu(menu)
    icon.show()
    # A timer polls, because Python runs signal handlers only while Python code runs.
    timer = QTimer()
    timer.timeout.connect(lambda: application.quit() if stop.is_set() else None)
    timer.start(_POLL_MS)
    application.exec()
    stop.set()
    icon.hide()


def _probe() -> None:
    from PySide6.QtWidgets import QApplication, QSystemTrayIcon

    application = QApplication(["technogan"])
    available = QSystemTrayIcon.isSystemTrayAvailable()
    del application
    sys.exit(0 if available else 1)
