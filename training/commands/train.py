"""technogan train: start, resume or attach to a run, or train its encoder. Progress goes to standard error."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from technogan.commands.options import expand_options, refuse_stdout

if TYPE_CHECKING:
    from training.learning.run import Run, TrainConfig
    from training.learning.training_loop import EventListener, Limit

_POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """The options of `technogan train`."""

    dataset: Annotated[Path | None, typer.Argument(help="A folder with a dataset.json.", metavar="DATASET")] = None
    out: Annotated[Path | None, typer.Option("-o", "--out", callback=refuse_stdout, help="The run's folder.")] = None
    attach: Annotated[Path | None, typer.Option(help="Show and control the run in this folder.", metavar="RUN")] = None
    trial: Annotated[
        bool, typer.Option("--trial", help="Only measure speed and memory; write events and a result to --out.")
    ] = False
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in this folder.")] = False
    network: Annotated[
        str | None, typer.Option(help="A network's name or a .toml file. [default: the format's]", metavar="NAME")
    ] = None
    backend: Annotated[str | None, typer.Option(help="tensorflow or torch.")] = None
    parent: Annotated[
        Path | None,
        typer.Option("--from", help="Start from the weights of this run for another length.", metavar="RUN"),
    ] = None
    minutes: Annotated[float | None, typer.Option(help="Stop after this many minutes of training from now.")] = None
    images: Annotated[int | None, typer.Option(help="Stop at this many images in all.")] = None
    batch: Annotated[int | None, typer.Option(help="Images per step. [default: the network's]")] = None
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam. [default: the network's]")] = None
    precision: Annotated[str | None, typer.Option(help="float32 or bfloat16. [default: float32]")] = None
    devices: Annotated[int | None, typer.Option(help="How many to use at once. [default: all]")] = None
    encoder: Annotated[
        bool, typer.Option("--encoder", help="Train an encoder for the newest generator of the run in --out.")
    ] = False
    best: Annotated[bool, typer.Option("--best", help="With --encoder: for the generator of `export --best`.")] = False
    seed: Annotated[int | None, typer.Option(help="Random seed of the training. [default: 0]")] = None
    deterministic: Annotated[bool, typer.Option("--deterministic", help="Use reproducible, slower operations.")] = False
    checkpoint_minutes: Annotated[float | None, typer.Option(help="Minutes per checkpoint. [default: 10]")] = None
    glance: Annotated[int | None, typer.Option(help="Images evaluated per checkpoint. [default: 256; 0: none]")] = None
    skip_damaged: Annotated[bool, typer.Option("--skip-damaged", help="Leave out damaged pictures.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="Print every event as a line of JSON.")] = False

    @property
    def recipe(self) -> dict[str, Any]:
        """The given fields of `Recipe`."""
        return _given(batch=self.batch, learning_rate=self.learning_rate)

    @property
    def settings(self) -> dict[str, Any]:
        """The given fields of `TrainConfig`, apart from the network, the dataset and the parent."""
        return _given(
            backend=self.backend,
            precision=self.precision,
            devices=self.devices,
            random_seed=self.seed,
            deterministic=self.deterministic or None,
            checkpoint_minutes=self.checkpoint_minutes,
            glance=self.glance,
            damaged="skip" if self.skip_damaged else None,
        )

    @property
    def limit(self) -> Limit:
        """When to stop."""
        from training.learning.training_loop import Limit

        return Limit(self.minutes, self.images)


@expand_options(TrainOptions)
def train(options: TrainOptions) -> None:
    """Train a network on a dataset.

    In a terminal, p pauses and resumes, s saves, q saves and stops, as do Ctrl-C and a stop signal.
    """
    from technogan.errors import SettingError

    listener = _print_json if options.as_json else _print_line
    dataset, out = options.dataset, options.out
    if options.attach is not None:
        _attach(options.attach, listener)
        return
    if dataset is None or out is None:
        raise SettingError("DATASET and --out", None, "given both, or --attach with a run's folder")
    if options.best and not options.encoder:
        raise SettingError("best", options.best, "given with --encoder only")
    if options.encoder:
        _train_encoder(_open_for_encoder(out, dataset, options), options, listener)
    elif options.trial:
        _run_trial(_make_config(dataset, options), out, as_json=options.as_json)
    else:
        _train(_resume(out, dataset, options) if options.resume else _create(out, dataset, options), options, listener)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _create(out: Path, dataset: Path, options: TrainOptions) -> Run:
    from training.learning.run import Run

    return Run.create(out, _make_config(dataset, options))


def _make_config(dataset: Path, options: TrainOptions) -> TrainConfig:
    from training.dataset.images import open_images
    from training.learning.run import Run, TrainConfig
    from training.networks import find_network, read_network
    from training.networks.backend import require_keras

    settings = options.settings
    if options.parent is not None and not options.resume:
        settings["parent"] = str(Run.open(options.parent).folder.resolve())
    # Report a missing back end before anything is read or written.
    settings["backend"] = require_keras(options.backend)
    images = open_images(dataset, damaged=settings.get("damaged", "refuse"))
    spectrogram_format, origin = images.manifest.format, images.manifest.origin
    network = read_network(options.network or find_network(spectrogram_format))
    network = network.for_format(spectrogram_format, images.manifest.stems)
    network = dataclasses.replace(network, recipe=dataclasses.replace(network.recipe, **options.recipe))
    settings["source"] = "images of synthetic techno" if "corpus" in origin else "images of one's own"
    settings["licence"] = str(origin.get("licence", "unknown"))
    return TrainConfig(network, str(dataset.resolve()), len(images.array), **settings)


def _resume(out: Path, dataset: Path, options: TrainOptions) -> Run:
    """Open a run and change those of its settings that may change."""
    from technogan.errors import SettingError
    from training.learning.run import Run
    from training.networks import read_network

    run, settings = Run.open(out), options.settings
    network = run.config.network
    if options.network is not None and read_network(options.network).generator != network.generator:
        raise SettingError("network", options.network, f"{network.name} or left out, since this run began with it")
    for name in ("random_seed", "deterministic"):
        current = getattr(run.config, name)
        if settings.get(name, current) != current:
            raise SettingError(name, settings[name], f"{current}, since this run began with it")
    network = dataclasses.replace(network, recipe=dataclasses.replace(network.recipe, **options.recipe))
    return run.with_settings(network=network, dataset=str(dataset.resolve()), **settings)


def _open_for_encoder(out: Path, dataset: Path, options: TrainOptions) -> Run:
    """Open a run with settings for its encoder, which are not saved."""
    from technogan.errors import SettingError
    from training.learning.run import Run

    fixed: dict[str, Any] = {"network": options.network, "from": options.parent, "batch": options.batch}
    fixed |= {"learning-rate": options.learning_rate, "seed": options.seed}
    for name, value in _given(**fixed).items():
        raise SettingError(name, str(value), "left out with --encoder, which follows the run")
    run = Run.open(out)
    config = dataclasses.replace(run.config, dataset=str(dataset.resolve()), **options.settings)
    return dataclasses.replace(run, config=config)


def _train_encoder(run: Run, options: TrainOptions, listener: EventListener) -> None:
    from training.learning.encoder_trainer import train_encoder
    from training.learning.steering import listen_for_commands

    with listen_for_commands(run) as commands:
        train_encoder(run, options.limit, commands, listener, resume=options.resume, best=options.best)


def _train(run: Run, options: TrainOptions, listener: EventListener) -> None:
    from training.learning.steering import listen_for_commands
    from training.learning.trainer import train

    with listen_for_commands(run) as commands:
        train(run, options.limit, commands, listener)


def _run_trial(config: TrainConfig, folder: Path, *, as_json: bool) -> None:
    from training.commands.report import open_report
    from training.learning.trial import run_trial

    with open_report(folder, "trial") as report, report.progress("measuring", 100) as progress:
        cost = run_trial(config, lambda done, total=1.0: progress(round(100 * done / total), 100))
        report.write_result(cost.to_dict())
    print(json.dumps(cost.to_dict(), indent=2) if as_json else cost.line())


def _attach(folder: Path, listener: EventListener) -> None:
    """Show the events of a run from the last one on until it ends, and send it the commands of keys."""
    from training.learning.run import Run
    from training.learning.steering import forward_keys

    run = Run.open(folder)
    events = run.read_events()
    shown = len(events)
    for event in events[-1:]:
        listener(event)
    with forward_keys(run) as forward:
        running = True
        while running:
            # After the end, this reads once more, for the last events.
            running = run.is_busy
            if running:
                forward()
                time.sleep(_POLL_SECONDS)
            events = run.read_events()
            for event in events[shown:]:
                listener(event)
            shown = len(events)


def _print_json(event: Mapping[str, Any]) -> None:
    print(json.dumps(event), flush=True)


def _print_line(event: Mapping[str, Any]) -> None:
    from training.learning.event_text import format_event

    print(format_event(event), file=sys.stderr, flush=True)
