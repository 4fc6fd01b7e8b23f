"""The parts that the window's bindings and actions use."""

from dataclasses import dataclass

from app.controllers.loop_files import LoopFiles
from app.controllers.playback import Playback
from app.controllers.recording import RecordingController
from app.controllers.sequences import Sequences
from app.controllers.slots import SlotController
from app.controllers.stems import StemController
from app.controllers.tempo import TempoController
from app.controllers.transfer import Transfer
from app.controllers.view import ViewController
from app.notifications import Notifications
from app.session.session import Session
from app.settings.preferences import Preferences
from app.widgets.main_window import MainWindow
from app.window.first_run import FirstRun
from app.window.help import HelpWindows
from app.window.osc_window import OscWindow
from app.window.session_files import SessionFiles
from app.window.tool_windows import ToolWindows


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The window, the session and everything between them."""

    window: MainWindow
    session: Session
    playback: Playback
    sequences: Sequences
    transfer: Transfer
    loop_files: LoopFiles
    slots: SlotController
    stems: StemController
    tempo: TempoController
    recording: RecordingController
    view: ViewController
    preferences: Preferences
    files: SessionFiles
    osc: OscWindow
    tools: ToolWindows
    first_run: FirstRun
    help: HelpWindows
    notifications: Notifications
