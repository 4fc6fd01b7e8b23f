"""technogan train: begin a run, go on with one, or watch one; train its encoder. Progress goes to standard error."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from training.learning.run import Run, TrainConfig

_WATCH_SECONDS = 0.25


def train(
    dataset: Annotated[Path | None, typer.Argument(help="A folder with a dataset.json.", metavar="DATASET")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The run's folder.")] = None,
    attach: Annotated[Path | None, typer.Option(help="Watch and steer the run in this folder.", metavar="RUN")] = None,
    trial: Annotated[
        bool,
        typer.Option("--trial", help="Only measure what these choices would cost; --out gets events and a result."),
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that is there.")] = False,
    network: Annotated[
        str | None, typer.Option(help="A network's name or a .toml file. [default: the format's]", metavar="NAME")
    ] = None,
    backend: Annotated[str | None, typer.Option(help="tensorflow or torch.")] = None,
    parent: Annotated[
        Path | None,
        typer.Option("--from", help="Begin with what this run, of another length, learned.", metavar="RUN"),
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes of training from now.")] = None,
    images: Annotated[int | None, typer.Option(help="Stop when so many images have been seen in all.")] = None,
    batch: Annotated[int | None, typer.Option(help="Images a step. [default: the network's]")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam. [default: the network's]")] = None,
    precision: Annotated[str | None, typer.Option(help="float32 or bfloat16. [default: float32]")] = None,
    devices: Annotated[int | None, typer.Option(help="How many at once. [default: all]")] = None,
    encoder: Annotated[
        bool, typer.Option("--encoder", help="Train an encoder for the newest generator of the run that is there.")
    ] = False,
    best: Annotated[bool, typer.Option("--best", help="An encoder for what `export --best` takes.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of everything that is random. [default: 0]")] = None,
    deterministic: Annotated[bool, typer.Option("--deterministic", help="The same sums every time; slower.")] = False,
    checkpoint_minutes: Annotated[float | None, typer.Option(help="Between two checkpoints. [default: 10]")] = None,
    glance: Annotated[int | None, typer.Option(help="Images judged at each. [default: 256; 0 for none]")] = None,
    skip_damaged: Annotated[bool, typer.Option("--skip-damaged", help="Leave out pictures that are damaged.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every event as a line of JSON.")] = False,
) -> None:
    """Train a network on a dataset.

    In a terminal p pauses and goes on, s saves, q saves and stops; so do Ctrl-C and a stop signal.
    """
    from technogan.errors import SettingError

    tell = _print_json if as_json else _print_line
    if attach is not None:
        _attach(attach, tell)
        return
    if dataset is None or out is None:
        raise SettingError("DATASET and --out", None, "given both, or --attach with a run's folder")
    choices = {
        "backend": backend,
        "precision": precision,
        "devices": devices,
        "random_seed": seed,
        "deterministic": deterministic or None,
        "checkpoint_minutes": checkpoint_minutes,
        "glance": glance,
        "damaged": "skip" if skip_damaged else None,
    }
    if best and not encoder:
        raise SettingError("best", best, "given with --encoder only")
    if encoder:
        given = {"network": network, "from": parent, "batch": batch, "learning-rate": learning_rate, "seed": seed}
        run = _with_generator(out, dataset, _given(**given), _given(**choices))
        _train_encoder(run, minutes, images, tell, resume=resume, best=best)
        return
    if parent is not None and not resume:
        choices["parent"] = _related(parent)
    if trial:
        config = _chosen(dataset, network, _given(batch=batch, learning_rate=learning_rate), _given(**choices))
        _try_out(config, out, as_json=as_json)
        return
    made = _resumed if resume else _created
    run = made(out, dataset, network, _given(batch=batch, learning_rate=learning_rate), _given(**choices))
    _train(run, minutes, images, tell)


def _related(parent: Path) -> str:
    from training.learning.run import Run

    return str(Run.open(parent).folder.resolve())


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _created(out: Path, dataset: Path, network: str | None, recipe: dict[str, Any], choices: dict[str, Any]) -> Run:
    from training.learning.run import Run

    return Run.create(out, _chosen(dataset, network, recipe, choices))


def _chosen(dataset: Path, network: str | None, recipe: dict[str, Any], choices: dict[str, Any]) -> TrainConfig:
    from training.dataset.images import open_images
    from training.learning.run import TrainConfig
    from training.networks import read_network
    from training.networks.backend import require_keras

    # Before anything else: that it is missing should be said first, and nothing be written.
    choices["backend"] = require_keras(choices.get("backend"))
    images = open_images(dataset, damaged=choices.get("damaged", "refuse"))
    found = images.manifest.format
    definition = read_network(network or found.name).for_format(found)
    definition = dataclasses.replace(definition, recipe=dataclasses.replace(definition.recipe, **recipe))
    origin = images.manifest.origin
    choices["source"] = "images of synthetic techno" if "corpus" in origin else "images of one's own"
    choices["licence"] = str(origin.get("licence", "unknown"))
    return TrainConfig(definition, str(dataset.resolve()), len(images.array), **choices)


def _resumed(out: Path, dataset: Path, network: str | None, recipe: dict[str, Any], choices: dict[str, Any]) -> Run:
    """With the run's own choices, but for those that may change on the way."""
    from technogan.errors import SettingError
    from training.learning.run import Run
    from training.networks import read_network

    run = Run.open(out)
    definition = run.config.network
    if network is not None and read_network(network).generator != definition.generator:
        raise SettingError("network", network, f"{definition.name} or left out: this run has begun with it")
    for name in ("random_seed", "deterministic"):
        if choices.get(name, getattr(run.config, name)) != getattr(run.config, name):
            raise SettingError(name, choices[name], f"{getattr(run.config, name)}: this run has begun so")
    definition = dataclasses.replace(definition, recipe=dataclasses.replace(definition.recipe, **recipe))
    return run.changed(network=definition, dataset=str(dataset.resolve()), **choices)


def _with_generator(out: Path, dataset: Path, given: dict[str, Any], choices: dict[str, Any]) -> Run:
    """A run whose encoder is to be trained; what is chosen for that alone is not written down."""
    from technogan.errors import SettingError
    from training.learning.run import Run

    for name, value in given.items():
        raise SettingError(name, str(value), "left out with --encoder, which follows the run")
    run = Run.open(out)
    config = dataclasses.replace(run.config, dataset=str(dataset.resolve()), **choices)
    return dataclasses.replace(run, config=config)


def _train_encoder(run: Run, minutes: float | None, images: int | None, tell: Any, *, resume: bool, best: bool) -> None:
    from training.learning.encoder_trainer import train_encoder
    from training.learning.steering import steering
    from training.learning.training_loop import Limit

    with steering(run) as commands:
        train_encoder(run, Limit(minutes, images), commands, tell, resume=resume, best=best)


def _train(run: Run, minutes: float | None, images: int | None, tell: Any) -> None:
    from training.learning.steering import steering
    from training.learning.trainer import train
    from training.learning.training_loop import Limit

    with steering(run) as commands:
        train(run, Limit(minutes, images), commands, tell)


def _try_out(config: TrainConfig, folder: Path, *, as_json: bool) -> None:
    from training.commands.report import reporting
    from training.learning.trial import try_out

    with reporting(folder, "trial") as report, report.progress("measuring", 100) as done:
        cost = try_out(config, lambda share: done(round(100 * share)))
        report.result(cost.to_dict())
    print(json.dumps(cost.to_dict(), indent=2) if as_json else cost.line())


def _attach(folder: Path, tell: Any) -> None:
    """Pass on what a run tells, from now on, until it ends; keys ask it for things."""
    from training.learning.run import Run
    from training.learning.steering import watching

    run = Run.open(folder)
    told = len(run.events())
    for event in run.events()[-1:]:
        tell(event)
    with watching(run) as pressed:
        while run.alive:
            pressed()
            events = run.events()
            for event in events[told:]:
                tell(event)
            told = len(events)
            time.sleep(_WATCH_SECONDS)
    for event in run.events()[told:]:
        tell(event)


def _print_json(event: Mapping[str, Any]) -> None:
    print(json.dumps(event), flush=True)


def _print_line(event: Mapping[str, Any]) -> None:
    from training.learning.telling import line

    print(line(event), file=sys.stderr, flush=True)
