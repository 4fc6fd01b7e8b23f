"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    pass


class MethodName(StrEnum):
    """How phases are reconstructed."""

    fast = "fast"
    best = "best"
    griffin_lim = "griffin-lim"


class SubtypeName(StrEnum):
    """Sample formats of WAV files."""

    pcm_16 = "16"
    pcm_24 = "24"
    floating = "float"


Model = Annotated[
    str, typer.Option("--model", "-m", help="A name from `technogan models list`, or the path of an .onnx.")
]


Bpm = Annotated[float | None, typer.Option("--bpm", help="Tempo; the model's own if not given.")]


Rate = Annotated[
    int | None, typer.Option("--rate", help="Resample to exactly beats * round(60 rate / bpm) frames at this rate.")
]


Picture = Annotated[bool, typer.Option("--image", help="Write the spectrogram picture too, as PNG.")]


Out = Annotated[str, typer.Option("--out", "-o", help="A .wav file, or a folder.")]


MethodOption = Annotated[MethodName, typer.Option("--method", help="fast, best, or the prototype's griffin-lim.")]


SubtypeOption = Annotated[SubtypeName, typer.Option("--subtype", help="Sample format of the WAV.")]


Threads = Annotated[int | None, typer.Option("--threads", help="For the network; all cores if not given.")]


Provider = Annotated[str, typer.Option("--provider", help="cpu, cuda, coreml or directml.")]


Json = Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")]


From = Annotated[str, typer.Option("--from", help="The first seed.")]


To = Annotated[str, typer.Option("--to", help="The seed it goes to.")]


Steps = Annotated[int, typer.Option("--steps", help="How many loops, one after another.")]


Spherical = Annotated[
    bool, typer.Option("--spherical", help="Go along the arc between the seeds, not the straight line.")
]


SEED_HELP = "random, a whole number, numbers with commas between, or a file that carries a seed."
