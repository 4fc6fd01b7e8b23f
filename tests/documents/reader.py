"""Execute the listings of a page in a separate folder, with separate ports."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from technogan.osc.ports import free_port
from tests.documents.pages import Fence

_TOOLS = ("oscdump", "oscsend", "pd")
_PATIENCE_S = 900
# All ports in the documents match this pattern.
_PORT = re.compile(r"\b10[12]\d\d\b")
_AWAIT = Path(__file__).with_name("await_port.py")


class Reader:
    """Executes listings; as a context manager it ends all background processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = (folder / ".log").open("w+")
        self._ports: dict[str, str] = {}
        self._groups: list[int] = []
        own = {"HOME": str(folder), "TMPDIR": str(folder), "TECHNOGAN_STATE": str(folder / ".state")}
        own["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = os.environ | own | {"QT_QPA_PLATFORM": "offscreen", "COLUMNS": "200"}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)
        self._log.close()

    def follow(self, fence: Fence) -> str:
        """Execute a listing and return its output. Raises AssertionError if it fails."""
        if "file" in fence.marks:
            (self._folder / fence.marks["file"]).write_text(fence.text, encoding="utf-8")
        if not fence.runs:
            return ""
        text = self._on_own_ports(fence.commands)
        command = (
            [sys.executable, "-c", text] if fence.language == "python" else ["bash", "-euo", "pipefail", "-c", text]
        )
        before = self._log.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._groups.append(process.pid)
        status = process.wait(_PATIENCE_S)
        self._log.seek(before)
        output = self._log.read()
        assert status == 0, f"{fence} ended with {status}:\n{text}\n{output[-4000:]}"
        return output

    def _on_own_ports(self, text: str) -> str:
        text = text.replace("technogan serve", "technogan serve --port 10102 --reply-port 10101")
        text = _PORT.sub(lambda found: self._ports.setdefault(found[0], str(free_port())), text)
        # Wait for the bridge to start, as a person would.
        return re.sub(
            r"(technogan serve[^\n&]*&)[^\n]*", rf"\1\n{sys.executable} {_AWAIT} {self._ports.get('10102')}", text
        )


def missing_tool(page_fences: list[Fence]) -> str:
    """Return a tool that these listings need and that is not installed, or ""."""
    text = "\n".join(fence.commands for fence in page_fences if fence.runs)
    return next((tool for tool in _TOOLS if re.search(rf"\b{tool} ", text) and not shutil.which(tool)), "")
