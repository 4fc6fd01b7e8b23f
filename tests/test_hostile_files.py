"""Files that a stranger made to stop the program: every reader of JSON or TOML refuses them with one line."""

import os

import pytest

from app.session.session_file import read_session
from app.settings.settings import Settings, read_settings
from app.training_tools.environment import READY, ToolsEnvironment
from app.wizards.dataset.project import PROJECT, Project
from app.wizards.training.dataset_info import read_dataset
from app.wizards.training.runs import read_run
from technogan.errors import TechnoganError
from technogan.files.seed_source import read_seed_file
from technogan.run_folder import EVENTS, RunFolder
from training.dataset.manifest import MANIFEST, read_manifest
from training.learning.run import CONFIG, Run
from training.networks.files import read_network
from training.tracks.grids import read_grids
from training.tracks.slicing import NOTE, read_note

LONG = "9" * 400
# Even the tables that are valid up to their last value have such a value.
JSON = {
    "deep": "[" * 200_000,
    "deep and complete": "[" * 500 + "]" * 500,
    "deep values": '{"schema": 1, "version": 1, "seed": ' + "[" * 500 + "]" * 500 + "}",
    "400 digits": LONG,
    "a list of 400 digits": f"[{LONG}, -{LONG}]",
    "a schema of 400 digits": f'{{"schema": {LONG}, "version": {LONG}, "event": {LONG}}}',
    "5000 digits": f'{{"schema": {"9" * 5000}, "version": {"9" * 5000}}}',
}
TOML = {
    "deep": "a = " + "[" * 9999,
    "deep and complete": "a = " + "[" * 500 + "]" * 500,
    "400 digits": f"start = [{LONG}, {LONG}]",
    "5000 digits": f"start = {'9' * 5000}",
}
READERS = {
    "dataset.json of the wizard": (MANIFEST, lambda path: read_dataset(path.parent)),
    "config.json of the wizard": (CONFIG, lambda path: read_run(path.parent)),
    "project.json": (PROJECT, lambda path: Project.open(path.parent)),
    "dataset.json": (MANIFEST, lambda path: read_manifest(path.parent)),
    "config.json": (CONFIG, lambda path: Run.open(path.parent)),
    "slices.json": (NOTE, lambda path: read_note(path.parent)),
    "grids": ("grids.json", read_grids),
    "seed": ("seed.json", lambda path: read_seed_file(path, 64)),
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON.keys())
@pytest.mark.parametrize(
    ("name", "read"), [*READERS.values(), ("set.technogan", read_session)], ids=[*READERS, "session"]
)
def test_json_is_refused_with_one_line(tmp_path, name, read, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(TechnoganError) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("text", [f'{{"seed": [{LONG}]}}', f"[-{LONG}]", f'{{"values": [[{LONG}]]}}', "[1e999]"])
def test_a_seed_is_refused_with_one_line(tmp_path, text):
    (tmp_path / "seed.json").write_text(text)
    with pytest.raises(TechnoganError) as caught:
        read_seed_file(tmp_path / "seed.json", 1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", TOML.values(), ids=TOML.keys())
def test_a_network_is_refused_with_one_line(tmp_path, text):
    (tmp_path / "net.toml").write_text(text)
    with pytest.raises(TechnoganError) as caught:
        read_network(tmp_path / "net.toml")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("text", JSON.values(), ids=JSON.keys())
def test_files_with_defaults_are_replaced_by_them(tmp_path, text):
    for name in ("settings.json", READY, EVENTS):
        (tmp_path / name).write_text(text)
    assert read_settings(tmp_path / "settings.json")[0] == Settings()
    assert ToolsEnvironment(tmp_path).state == "incomplete"
    assert RunFolder(tmp_path).read_events() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None)], ids=["folder", "pipe"])
@pytest.mark.parametrize(("name", "read"), READERS.values(), ids=READERS.keys())
def test_folders_and_pipes_are_refused(tmp_path, name, read, make):
    make(tmp_path / name)
    with pytest.raises(TechnoganError) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)
