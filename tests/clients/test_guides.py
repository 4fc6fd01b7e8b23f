import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.clients.files import FOLDER
from technogan.osc.ports import free_port
from tests.clients.bridge_stand_in import BridgeStandIn

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "clients"


def test_python_client_of_the_guide_receives_the_answer(tmp_path):
    (program,) = re.findall(r"```python\n(.*?)```", (GUIDES / "python.md").read_text(encoding="utf-8"), re.DOTALL)
    loop = tmp_path / "single3.wav"
    port = str(free_port())
    with BridgeStandIn({3: loop}) as bridge:
        program = program.replace("10102", str(bridge.port)).replace("10131", port)
        heard = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
        seed = tuple(float(value) for value in range(-32, 32))
        sent = bridge.next("/cc/generate_single_wav_id")
    assert heard.stdout.splitlines() == [f"/ccret/registered 127.0.0.1 {port}", f"/ccret/wav_id 3 {loop} Generated 3"]
    assert sent[2] == (3, *seed)


def test_python_client_has_ten_lines_besides_its_imports():
    (program,) = re.findall(r"```python\n(.*?)```", (GUIDES / "python.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for line in program.splitlines() if line and not line.startswith("from ")]
    assert len(lines) <= 10


@pytest.mark.parametrize("name", ["max.md", "pure-data.md"])
def test_files_named_in_the_guide_exist(name):
    text = (GUIDES / name).read_text(encoding="utf-8")
    files = re.findall(r"`([^`]+\.(?:pd|amxd|maxpat))`", text)
    assert files
    for file in files:
        assert list(FOLDER.rglob(Path(file).name))
