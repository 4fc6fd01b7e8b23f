"""Networks that do not end, and the interruption of those that run."""

import signal
import subprocess
import sys
import threading

import pytest

from technogan.network import inference
from technogan.network.writing import embed_spec
from tests.networks import endless_network, tiny_spec

# Runs `technogan` with its own arguments, and prints a line before each run of a network.
COMMAND = """
import sys
from technogan.network import generator

run_session = generator.run_session

def run(*arguments):
    print("running", flush=True)
    return run_session(*arguments)

generator.run_session = run
from app.cli import main
main()
"""
# Ends while a thread runs that nothing can end.
LEFT_BEHIND = """
import sys, threading, time
from technogan.network import inference
threading.Thread(target=time.sleep, args=(600,), name=inference._THREAD).start()
from app.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_the_verification_of_an_endless_network(tmp_path):
    path = tmp_path / "endless.onnx"
    path.write_bytes(embed_spec(endless_network(), tiny_spec("endless"), path))
    command = [sys.executable, "-c", COMMAND, "models", "verify", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert printed.splitlines() == ["technogan: stopped; no partial files are left"]


def test_a_network_that_cannot_be_ended_does_not_keep_the_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LEFT_BEHIND, "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "technogan", "")


def test_results_and_errors_come_back_from_the_other_thread():
    found = inference._call_interruptibly(threading.current_thread)
    assert found is not threading.main_thread()
    with pytest.raises(ZeroDivisionError):
        inference._call_interruptibly(lambda: 1 // 0)
    assert not inference.is_running()


def test_a_process_that_ignores_ctrl_c_runs_networks_in_its_main_thread():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert inference._call_interruptibly(threading.current_thread) is threading.main_thread()
    finally:
        signal.signal(signal.SIGINT, before)
