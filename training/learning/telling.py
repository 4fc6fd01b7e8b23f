"""A run's events as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from technogan.run_folder import clock

_LOSSES = ("generator", "discriminator", "penalty", "latent", "picture")
_FIGURES = ("mel", "texture", "onsets", "recall", "coverage")


def line(event: Mapping[str, Any]) -> str:
    """One line, led by how long the run has trained and how many images it has seen."""
    return f"{clock(event.get('seconds', 0))} {event.get('images', 0):>9} images  {_text(event)}"


def _text(event: Mapping[str, Any]) -> str:
    match event["event"]:
        case "started":
            what = "the encoder of " if "part" in event else ""
            return f"training {what}{event['network']} on {event['dataset']}, process {event['process']}"
        case "progress":
            losses = "  ".join(f"{n} {event[n]:.3f}" for n in _LOSSES if n in event)
            rate = f"  {event['images_per_second']:.1f} a second" if "images_per_second" in event else ""
            left = f"  {clock(event['seconds_left'])} left" if "seconds_left" in event else ""
            return losses + rate + left
        case "floor" | "figures":
            figures = "  ".join(f"{name} {event[name]:.4g}" for name in _FIGURES)
            return f"{'real against real' if event['event'] == 'floor' else 'dreamt against real'}: {figures}"
        case "checkpoint":
            return f"saved {event['path']}"
        case "preview":
            return f"dreamt {' and '.join(event['paths'])}"
        case "warning" | "failed" | "skipped":
            return f"{event['event']}: {event['message']}"
        case other:
            return str(other)
