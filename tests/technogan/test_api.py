import subprocess
import sys

import technogan

HEAVY = ("numpy", "onnxruntime", "PIL", "rich")


def test_every_public_name_is_there_and_no_other():
    assert set(technogan.__all__) - {"__version__"} == set(technogan._HOMES)
    for name in technogan.__all__:
        assert getattr(technogan, name) is not None


def test_importing_it_loads_nothing_heavy():
    code = f"import sys, technogan, app.cli; app.cli.build(); print([m for m in {HEAVY} if m in sys.modules])"
    got = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert got.stdout.strip() == "[]"


def test_unknown_names_are_refused():
    assert not hasattr(technogan, "Hologram")
