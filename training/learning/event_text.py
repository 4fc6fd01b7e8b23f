"""Format the events of a run as text."""

from collections.abc import Mapping
from typing import Any

from technogan.run_folder import format_duration

_LOSSES = ("generator", "discriminator", "penalty", "latent", "picture")
_METRICS = ("mel", "texture", "onsets", "recall", "coverage")


def format_event(event: Mapping[str, Any]) -> str:
    """Return an event as one line, which begins with the time spent on training and the images seen."""
    time = format_duration(event.get("seconds", 0))
    return f"{time} {event.get('images', 0):>9} images  {_text(event)}"


def _text(event: Mapping[str, Any]) -> str:
    match event["event"]:
        case "started":
            part = "the encoder of " if "part" in event else ""
            return f"training {part}{event['network']} on {event['dataset']}, process {event['process']}"
        case "progress":
            losses = "  ".join(f"{n} {event[n]:.3f}" for n in _LOSSES if n in event)
            rate = f"  {event['images_per_second']:.1f} images/s" if "images_per_second" in event else ""
            left = f"  {format_duration(event['seconds_left'])} left" if "seconds_left" in event else ""
            return losses + rate + left
        case "floor" | "figures":
            metrics = "  ".join(f"{name} {event[name]:.4g}" for name in _METRICS)
            return f"{'real against real' if event['event'] == 'floor' else 'generated against real'}: {metrics}"
        case "checkpoint":
            return f"saved {event['path']}"
        case "preview":
            return f"wrote {' and '.join(event['paths'])}"
        case "warning" | "failed" | "skipped":
            return f"{event['event']}: {event['message']}"
        case other:
            return str(other)
