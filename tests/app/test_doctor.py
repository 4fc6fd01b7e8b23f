"""The checks of `technogan doctor`."""

import socket

import pytest

from app.doctor import Finding, examine, format_findings
from app.settings.settings import Settings, write_settings
from technogan.osc.ports import LOOPBACK, free_port


@pytest.fixture
def ports(state_folder):
    """The ports in the settings: for requests and for replies."""
    port, reply_port = free_port(), free_port()
    write_settings(Settings(osc_port=port, osc_reply_port=reply_port), state_folder / "settings.json")
    return port, reply_port


def find(name):
    (finding,) = (finding for finding in examine() if finding.what == name)
    return finding


def test_free_ports_are_ok(ports):
    assert [find(f"UDP port {port}").state for port in ports] == ["ok", "ok"]


def test_a_port_in_use_is_broken(ports):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((LOOPBACK, ports[0]))
        finding = find(f"UDP port {ports[0]}")
    assert (finding.state, "in use" in finding.detail, bool(finding.advice)) == ("broken", True, True)


def test_a_reply_port_in_use_belongs_to_a_client(ports):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((LOOPBACK, ports[1]))
        finding = find(f"UDP port {ports[1]}")
    assert (finding.state, "client" in finding.detail) == ("ok", True)


def test_a_failing_check_is_a_finding(monkeypatch):
    monkeypatch.setattr("app.doctor._folders", lambda: 1 / 0)
    assert any(finding.state == "broken" and "ZeroDivisionError" in finding.detail for finding in examine())


def test_findings_as_text_have_their_advice_below():
    findings = [Finding("sound", "ok", "plays"), Finding("UDP port 7", "broken", "in use", "close it")]
    assert format_findings(findings).splitlines() == [
        "ok       sound              plays",
        "broken   UDP port 7         in use",
        f"{'':27} -> close it",
    ]


def test_long_findings_continue_below_themselves():
    finding = Finding("sound", "missing", "no output device; you can make loops but not play them", "connect a device")
    lines = format_findings([finding], width=60).splitlines()
    assert max(map(len, lines)) <= 60
    assert [line[28:].strip() for line in lines] == [
        "no output device; you can make",
        "loops but not play them",
        "-> connect a device",
    ]
