"""What works on this machine, and what to do about what does not."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

CheckState = Literal["ok", "missing", "broken"]

OSC_PORTS = (10102, 10101)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. advice: what to do, where there is something to do."""

    what: str
    state: CheckState
    detail: str
    advice: str = ""


def examine() -> list[Finding]:
    """Look at everything; never raises."""
    findings = []
    for look in (_system, _models, _providers, _training_gpu, _sound, _ports, _folders):
        try:
            findings += look()
        except Exception as error:  # a doctor that falls ill is no help
            findings.append(Finding(look.__name__.strip("_"), "broken", f"{type(error).__name__}: {error}"))
    return findings


def show(findings: list[Finding], *, as_json: bool) -> None:
    """Print the findings, as lines for people or as JSON."""
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        print(told(findings))


def told(findings: list[Finding]) -> str:
    """The findings as lines for people."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.state:8} {finding.what:18} {finding.detail}")
        if finding.advice:
            lines.append(f"{'':27} -> {finding.advice}")
    return "\n".join(lines)


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

    from technogan.network.generator import PROVIDERS, default_threads

    built = [name for name, full in PROVIDERS.items() if full in onnxruntime.get_available_providers()]
    return [Finding("network runs on", "ok", f"{', '.join(built)}; {default_threads()} thread(s) beside the sound")]


def _training_gpu() -> list[Finding]:
    if not shutil.which("nvidia-smi"):
        return [Finding("GPU for training", "missing", "no NVIDIA driver found; training runs on the CPU")]
    asked = subprocess.run(
        ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    names = "; ".join(asked.stdout.split("\n")).strip("; ")
    return [Finding("GPU for training", "ok" if names else "broken", names or asked.stderr.strip()[:200])]


def _sound() -> list[Finding]:
    from app.audio.devices import PortAudio, portaudio
    from technogan.errors import DeviceError

    try:
        version = portaudio().get_portaudio_version()[1].split(",")[0]
        outputs = PortAudio().outputs()
    except DeviceError as error:
        return [Finding("sound", "missing", str(error))]
    if not outputs:
        return [Finding("sound", "missing", f"{version}: no output device; loops can be made but not played")]
    names = [f"{'*' * device.is_default}{device.title} at {device.sample_rate} Hz" for device in outputs]
    return [Finding("sound", "ok", f"{version}: {', '.join(names)}")]


def _ports() -> list[Finding]:
    findings = []
    for port in OSC_PORTS:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                findings.append(Finding(f"UDP port {port}", "ok", "free for OSC"))
            except OSError as error:
                findings.append(
                    Finding(
                        f"UDP port {port}", "broken", f"taken ({error.strerror})", "close the program that holds it"
                    )
                )
    return findings


def _folders() -> list[Finding]:
    import tempfile

    from technogan.network.library import resources_dir, user_dir

    return [
        _folder("model folder", user_dir(), "set TECHNOGAN_MODELS to a folder that can be written"),
        _folder("temporary folder", Path(tempfile.gettempdir()), "set TMPDIR to a folder that can be written"),
        Finding("resources", "ok" if resources_dir().is_dir() else "missing", str(resources_dir())),
    ]


def _folder(what: str, folder: Path, advice: str) -> Finding:
    # The nearest folder that is there decides whether this one can be made.
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if os.access(existing, os.W_OK):
        free = shutil.disk_usage(existing).free / 1e9
        return Finding(what, "ok", f"{folder} ({free:.0f} GB free)")
    return Finding(what, "broken", f"{folder} cannot be written", advice)
