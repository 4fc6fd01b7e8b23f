"""Check what works on this machine, and give advice about the rest."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import textwrap
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from technogan.osc.ports import LOOPBACK

if TYPE_CHECKING:
    from app.settings.settings import Settings

CheckState = Literal["ok", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. advice: what to do, if anything."""

    what: str
    state: CheckState
    detail: str
    advice: str = ""


def examine(settings: Settings | None = None, *, listening: bool = False) -> list[Finding]:
    """Check everything. Never raises.

    Args:
        settings: the settings in use; None for those in the file.
        listening: whether this process itself listens on the OSC port.
    """
    findings = []
    checks: dict[str, Callable[[], list[Finding]]] = {
        "system": _system,
        "models": _models,
        "providers": _providers,
        "training GPU": _training_gpu,
        "sound": _sound,
        "ports": lambda: _ports(settings or _read_settings(), listening=listening),
        "folders": _folders,
    }
    for name, check in checks.items():
        try:
            findings += check()
        except Exception as error:  # the other checks still run
            findings.append(Finding(name, "broken", f"{type(error).__name__}: {error}"))
    return findings


def print_findings(findings: list[Finding], *, as_json: bool) -> None:
    """Print the findings, as text or as JSON."""
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        print(format_findings(findings))


def format_findings(findings: list[Finding], *, width: int | None = None) -> str:
    """Return the findings as text, in lines of at most `width` characters if that is given."""
    lines = []
    for finding in findings:
        lines += _wrap(f"{finding.state:8} {finding.what:18} ", finding.detail, width)
        if finding.advice:
            lines += _wrap(f"{'':27} -> ", finding.advice, width)
    return "\n".join(lines)


def _wrap(head: str, text: str, width: int | None) -> list[str]:
    """Return a line, or several with the text below itself."""
    if width is None:
        return [head + text]
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False)


def _system() -> list[Finding]:
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "onnxruntime", "soundfile", "sounddevice")
    )
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return [Finding("system", "ok", python), Finding("packages", "ok", versions)]


def _models() -> list[Finding]:
    from technogan.network.library import scan_models

    found = scan_models()
    names = ", ".join(bundle.spec.name for bundle in found.bundles)
    findings = [
        Finding("models", "ok", names)
        if names
        else Finding("models", "missing", "none found", "reinstall TechnoGAN, or: technogan models install FILE")
    ]
    for problem in found.problems:
        findings.append(Finding("model", "broken", str(problem), f"delete or replace {problem.path}"))
    return findings


def _providers() -> list[Finding]:
    import onnxruntime

    from technogan.network.generator import default_threads
    from technogan.network.inference import PROVIDERS

    built = [name for name, full in PROVIDERS.items() if full in onnxruntime.get_available_providers()]
    return [Finding("network runs on", "ok", f"{', '.join(built)}; {default_threads()} thread(s) besides the sound")]


def _training_gpu() -> list[Finding]:
    if not shutil.which("nvidia-smi"):
        return [Finding("GPU for training", "missing", "no NVIDIA driver found; training runs on the CPU")]
    query = subprocess.run(
        ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    names = "; ".join(query.stdout.split("\n")).strip("; ")
    return [Finding("GPU for training", "ok" if names else "broken", names or query.stderr.strip()[:200])]


def _sound() -> list[Finding]:
    from app.audio.devices import PortAudio, portaudio
    from technogan.errors import DeviceError

    try:
        version = portaudio().get_portaudio_version()[1].split(",")[0]
        outputs = PortAudio().outputs()
    except DeviceError as error:
        return [Finding("sound", "missing", str(error))]
    if not outputs:
        return [Finding("sound", "missing", f"{version}: no output device; you can make loops but not play them")]
    names = [f"{'*' * device.is_default}{device.title} at {device.sample_rate} Hz" for device in outputs]
    return [Finding("sound", "ok", f"{version}: {', '.join(names)}")]


def _read_settings() -> Settings:
    from app.settings.paths import state_dir
    from app.settings.settings import read_settings

    return read_settings(state_dir() / "settings.json")[0]


def _ports(settings: Settings, *, listening: bool) -> list[Finding]:
    port, reply_port = settings.osc_port, settings.osc_reply_port
    used = "in use by an OSC client" if _bind_error(reply_port) else "free for OSC clients"
    return [_check_port(port, listening=listening), Finding(f"UDP port {reply_port}", "ok", used)]


def _check_port(port: int, *, listening: bool) -> Finding:
    what = f"UDP port {port}"
    if listening:
        return Finding(what, "ok", "this window listens for OSC here")
    error = _bind_error(port)
    if not error:
        return Finding(what, "ok", "free for OSC")
    advice = "if TechnoGAN is open, this is right; otherwise close the other program, or choose another port"
    return Finding(what, "broken", f"in use ({error})", advice)


def _bind_error(port: int) -> str:
    """Return why the port cannot be opened; "" if it is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _folders() -> list[Finding]:
    import tempfile

    from technogan.network.library import resources_dir, user_dir

    return [
        _folder("model folder", user_dir(), "set TECHNOGAN_MODELS to a writable folder"),
        _folder("temporary folder", Path(tempfile.gettempdir()), "set TMPDIR to a writable folder"),
        Finding("resources", "ok" if resources_dir().is_dir() else "missing", str(resources_dir())),
    ]


def _folder(what: str, folder: Path, advice: str) -> Finding:
    # The nearest existing folder decides whether this one can be created.
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if os.access(existing, os.W_OK):
        free = shutil.disk_usage(existing).free / 1e9
        return Finding(what, "ok", f"{folder} ({free:.0f} GB free)")
    return Finding(what, "broken", f"{folder} is not writable", advice)
