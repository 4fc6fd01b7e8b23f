"""The error log, in processes of their own."""

import os
import signal
import subprocess
import sys

import pytest

from app.processes.crash_log import CRASH_LOG
from app.rendering.process import RenderProcess
from technogan.network.library import bundled_dir
from tests.app.audio.test_recorder import until

START = """
import faulthandler, sys, threading
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QLoggingCategory, qCDebug, qCWarning, qCritical
from app.processes.crash_log import log_crashes
from app.startup.error_log import ErrorReporter, start_log

application = QCoreApplication()
folder = Path(sys.argv[1])
start_log(folder / "log.txt")
log_crashes()
reported = []
reporter = ErrorReporter(lambda error: reported.append((type(error).__name__, threading.current_thread().name)))

def fail():
    raise ZeroDivisionError("a bug")
"""


def run(folder, code):
    return subprocess.run(
        [sys.executable, "-c", START + code, folder],
        cwd=bundled_dir().parents[1],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_exception_in_a_thread_is_logged_and_reported_in_the_gui_thread(state_folder):
    code = (
        "thread = threading.Thread(target=fail, name='worker'); thread.start(); thread.join()\n"
        "assert reported == []; application.processEvents(); print(reported)"
    )
    done = run(state_folder, code)
    assert done.stdout == "[('ZeroDivisionError', 'MainThread')]\n", done.stderr
    log = (state_folder / "log.txt").read_text()
    assert "uncaught exception in the thread worker" in log
    assert "ZeroDivisionError: a bug" in log


def test_an_exception_in_a_slot_is_logged_and_reported(state_folder):
    code = (
        "from PySide6.QtCore import QTimer\n"
        "QTimer.singleShot(0, fail); QTimer.singleShot(100, application.quit); application.exec(); print(reported)"
    )
    done = run(state_folder, code)
    assert done.stdout == "[('ZeroDivisionError', 'MainThread')]\n", done.stderr
    assert "ZeroDivisionError: a bug" in (state_folder / "log.txt").read_text()


def test_qt_warnings_and_errors_are_logged_with_their_category(state_folder):
    code = (
        "category = QLoggingCategory('technogan.test')\n"
        "qCWarning(category, 'a warning'); qCDebug(category, 'a detail'); qCritical('an error')"
    )
    done = run(state_folder, code)
    log = (state_folder / "log.txt").read_text()
    assert "WARNING app.startup.error_log: Qt (technogan.test): a warning" in log, done.stderr
    assert "ERROR app.startup.error_log: Qt (default): an error" in log
    assert "a detail" not in log


def test_a_crash_leaves_a_traceback(state_folder):
    done = run(state_folder, "faulthandler._sigsegv()")
    assert done.returncode != 0
    assert "most recent call first" in (state_folder / CRASH_LOG).read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_of_a_child_process_leaves_a_traceback(state_folder):
    process = RenderProcess()
    process.warm_up()
    log = state_folder / CRASH_LOG
    until(log.exists, 20)
    process_id = process.child.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGSEGV)
    until(lambda: "Segmentation fault" in log.read_text(), 20)
    process.close()
