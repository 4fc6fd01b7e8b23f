"""Test runs and their options."""

import pytest

from app.wizards.training.runs import TrainingOptions, list_runs, new_run_folder, read_run, runs_dir, safe_run_name
from technogan.errors import SourceError
from technogan.records import read_record_leniently


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        (TrainingOptions(), ["--checkpoint-minutes", "10"]),
        (
            TrainingOptions("bar", "torch", "bfloat16", 8, None, 2),
            [
                *("--network", "bar", "--backend", "torch", "--precision", "bfloat16"),
                *("--batch", "8", "--checkpoint-minutes", "2"),
            ],
        ),
    ],
)
def test_options_as_arguments(options, arguments):
    assert options.arguments() == arguments


@pytest.mark.parametrize(
    ("values", "expected", "has_problems"),
    [
        ({}, TrainingOptions(), False),
        ({"minutes": None, "batch": 8}, TrainingOptions(minutes=None, batch=8), False),
        ({"batch": "8", "network": 3, "minutes": -1, "precision": True, "backend": None}, TrainingOptions(), True),
        ({"minutes": float("nan"), "checkpoint_minutes": float("inf")}, TrainingOptions(), True),
    ],
)
def test_options_from_a_file(values, expected, has_problems):
    options, problems = read_record_leniently(TrainingOptions, values)
    assert options == expected
    assert bool(problems) == has_problems


@pytest.mark.parametrize(
    ("text", "name"),
    [("my set", "my set"), (" a/b:c ", "abc"), ("...", ""), ("", ""), ("x" * 99, "x" * 60), ("a\nb", "ab")],
)
def test_names_are_valid_on_every_system(text, name):
    assert safe_run_name(text) == name


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dataset": 3}', '{"dataset": "", "images": "x", "network": {}}'])
def test_other_folders_are_not_runs(state_folder, text):
    folder = new_run_folder("x")
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(text)
    assert list_runs() == []
    with pytest.raises(SourceError):
        read_run(folder)
    assert runs_dir() == state_folder / "runs"
