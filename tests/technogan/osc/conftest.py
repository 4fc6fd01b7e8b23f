"""Fixtures for the tests of OSC: bridges, with python-osc or liblo as client."""

import pytest

from technogan.osc.ports import free_port
from tests.osc_bridge import Dump, needs, running


@pytest.fixture
def bridge(tmp_path):
    with running(tmp_path / "out") as running_bridge:
        yield running_bridge


@pytest.fixture(scope="module")
def liblo_bridge(tmp_path_factory):
    """A bridge whose replies go to liblo's oscdump."""
    needs("oscsend", "liblo-tools")
    needs("oscdump", "liblo-tools")
    port = free_port()
    dump = Dump(port)
    try:
        with running(tmp_path_factory.mktemp("liblo") / "out", reply_port=port) as running_bridge:
            assert dump.line() == ("/ccret/init", "", "")
            assert dump.line() == ("/ggret/init", "s", '"OSC Server starting..."')
            running_bridge.dump = dump
            yield running_bridge
    finally:
        dump.close()
