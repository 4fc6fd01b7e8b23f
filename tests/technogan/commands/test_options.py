"""Options that are declared as the fields of a dataclass."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from technogan.commands.options import check_replace, expand_options
from technogan.errors import OutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    size: Annotated[int, typer.Option("--size", help="The size.")] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    files: Annotated[list[Path], typer.Argument(metavar="FILE")]
    loud: Annotated[bool, typer.Option("--loud", help="Louder.")] = False


@pytest.fixture
def received():
    return []


@pytest.fixture
def invoke(received):
    app = typer.Typer()

    @app.command()
    @expand_options(Options)
    def show(options: Options) -> None:
        """Show the files."""
        received.append(options)

    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_a_command_receives_its_options_as_one_value(invoke, received):
    assert invoke("a.wav", "b.wav", "--loud", "--size", "5").exit_code == 0
    assert received == [Options(files=[Path("a.wav"), Path("b.wav")], loud=True, size=5)]


def test_defaults_are_those_of_the_fields(invoke, received):
    assert invoke("a.wav").exit_code == 0
    assert received == [Options(files=[Path("a.wav")])]


def test_a_field_without_a_default_is_required(invoke, received):
    assert invoke("--loud").exit_code == 2
    assert received == []


def test_help_lists_own_options_before_inherited_ones(invoke):
    text = invoke("--help").output
    assert "Show the files." in text
    assert 0 < text.index("--loud") < text.index("--size")


def test_one_class_serves_several_commands():
    app = typer.Typer(rich_markup_mode=None)
    for name in ("fade", "walk"):

        def command(options: Common, name: str = name) -> None:
            print(name, options.size)

        app.command(name)(expand_options(Common, name, f"Do the {name}.")(command))
    assert CliRunner().invoke(app, ["walk", "--size", "7"]).output == "walk 7\n"
    assert "Do the fade." in CliRunner().invoke(app, ["--help"]).output


def test_an_existing_file_is_replaced_only_if_requested(tmp_path):
    check_replace(tmp_path / "new.onnx", False, "--out")
    check_replace(tmp_path, True, "--out")
    with pytest.raises(OutputError, match="choose another --out, or use --replace"):
        check_replace(tmp_path, False, "--out")
