"""Options that several commands share, and a decorator that turns the fields of a dataclass into options."""

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from typer import Argument, Option

from technogan.errors import OutputError, SettingError

T = TypeVar("T")

ModelArgument = Annotated[str, Argument(help="A model's name, or the path of an .onnx.", metavar="MODEL")]
Json = Annotated[bool, Option("--json", help="Print the result as JSON.")]
Replace = Annotated[bool, Option("--replace", help="Replace an existing file or model.")]
Threads = Annotated[int | None, Option("--threads", help="Threads of the network. [default: all cores]")]
FormatName = Annotated[str, Option("--format", help="beat, half, bar, beat-256, half-256, bar-256 or half-cq.")]
LowestFrequency = Annotated[float | None, Option("--fmin", help="Constant-Q: centre of the lowest row in Hz.")]
BinsPerOctave = Annotated[int | None, Option("--bins-per-octave", help="Constant-Q: rows per octave.")]


class MethodName(StrEnum):
    """Methods of phase reconstruction."""

    fast = "fast"
    best = "best"
    griffin_lim = "griffin-lim"


MethodOption = Annotated[MethodName, Option("--method", help="fast, best, or the prototype's griffin-lim.")]


class SubtypeName(StrEnum):
    """Sample formats of WAV files."""

    pcm_16 = "16"
    pcm_24 = "24"
    floating = "float"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """The target and the form of the output."""

    out: Annotated[str, Option("--out", "-o", help="A .wav file, a folder, or - for standard output.")]
    rate: Annotated[
        int | None, Option("--rate", help="Resample to exactly beats * round(60 rate / bpm) frames at this rate.")
    ] = None
    method: MethodOption = MethodName.fast
    subtype: Annotated[SubtypeName, Option("--subtype", help="Sample format of the WAV.")] = SubtypeName.pcm_24
    as_json: Json = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions(OutputOptions):
    """The model and the settings for rendering."""

    model: Annotated[
        str, Option("--model", "-m", help="A name from `technogan models list`, or the path of an .onnx.")
    ] = "bar"
    bpm: Annotated[float | None, Option("--bpm", help="Tempo. [default: the model's own]")] = None
    image: Annotated[bool, Option("--image", help="Also write the spectrogram picture as PNG.")] = False
    stems: Annotated[bool, Option("--stems", help="Also write each stem as WAV, if the model has stems.")] = False
    threads: Threads = None
    provider: Annotated[str, Option("--provider", help="cpu, cuda, coreml or directml.")] = "cpu"


def refuse_stdout(out: Path | None) -> Path | None:
    """Check an option that names a file or a folder: "-" would be a file of that name, not standard output."""
    if out is not None and str(out) == "-":
        raise SettingError("out", "-", "a path; this command does not write to standard output")
    return out


def check_replace(target: Path, replace: bool, option: str) -> None:
    """Raise OutputError if `target` exists and may not be replaced. `option` sets the target, such as "--out"."""
    if target.exists() and not replace:
        raise OutputError(target, f"it already exists; choose another {option}, or use --replace")


def expand_options(options: type[T], name: str = "", summary: str = "") -> Callable[..., Callable[..., None]]:
    """Decorate a command that takes a dataclass of options so that Typer sees one parameter for each field.

    Args:
        options: the dataclass. Its own fields come before inherited ones in the help text.
        name: the name of the command; by default the function's.
        summary: the help text of the command; by default the function's docstring.
    """
    hints = typing.get_type_hints(options, include_extras=True)
    own = options.__annotations__
    fields = sorted(dataclasses.fields(options), key=lambda field: field.name not in own)  # type: ignore[arg-type]
    parameters = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields
    ]

    def decorate(command: Callable[[T], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def expanded(**values: Any) -> None:
            command(options(**values))

        expanded.__name__ = name or command.__name__
        expanded.__doc__ = summary or command.__doc__
        expanded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return expanded

    return decorate
