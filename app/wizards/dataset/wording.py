"""The measurements of the dataset commands in plain words."""

from collections.abc import Mapping
from typing import Any

from app.wizards.common.wording import format_count

# Images from which a model becomes useful, and about as many as the research prototype was trained on.
USEFUL, ENOUGH = 1000, 5500
# A change of tempo that is audible, as a ratio.
AUDIBLE = 0.1


def describe_tempo(tempo: Mapping[str, Any]) -> str:
    """Return the verdict of `technogan dataset tempo` on a track in a sentence or two."""
    if not tempo:
        return "The tempo has not been measured yet."
    drift, bpm = tempo["drift"], tempo["bpm"]
    within = f"95 % of its beats are within {drift['p95_ms']:.1f} ms of {bpm:.2f} BPM"
    match tempo["verdict"]:
        case "exact":
            return f"Exact: {within}. It can be cut as it is."
        case "conform":
            return (
                f"It drifts: {within}; the worst is {drift['worst_ms']:.0f} ms off. {_describe_drift(drift)}Conform it."
            )
        case "unclear":
            return (
                f"It may be at {tempo['rival_bpm']:.1f} BPM instead of {bpm:.2f}. Listen to the clicks and enter the "
                "tempo that fits."
            )
        case _:
            return (
                f"No steady beat: {drift['followed']:.0%} of its beats were found, with a confidence of "
                f"{tempo['confidence']:.0%}. If you know the tempo, enter it; otherwise leave the track out."
            )


def _describe_drift(drift: Mapping[str, Any]) -> str:
    trend = drift["trend_bpm_per_minute"]
    if abs(trend) > 0.02:
        return f"The tempo {'rises' if trend > 0 else 'falls'} by {abs(trend):.2f} BPM per minute. "
    if drift["wander_ms"] > 3:
        return f"It wanders by {drift['wander_ms']:.0f} ms, as tape and vinyl do. "
    return ""


def describe_tempo_change(bpm: float, target: float) -> str:
    """Return how conforming changes the speed of a track."""
    ratio = target / bpm - 1
    if abs(ratio) < 5e-5:
        return "keeps its tempo"
    change = f"{abs(ratio):.1%} {'faster' if ratio > 0 else 'slower'}"
    return f"{change}: audible" if abs(ratio) > AUDIBLE else change


def describe_image_count(n: int) -> str:
    """Return whether a number of images is enough to train on."""
    images = format_count(n, "image")
    if n >= ENOUGH:
        return f"{images}: enough. The research prototype was trained on about {ENOUGH}."
    if n >= USEFUL:
        return (
            f"{images}: a good start. A model will be useful; with {ENOUGH}, about as many as the research prototype "
            "had, it becomes more varied."
        )
    return (
        f"{images}: few. A model would memorise them; it becomes useful from {USEFUL} and better with {ENOUGH}. "
        "Add tracks, or choose a shorter format."
    )


def describe_convergence(decibels: float) -> str:
    """Return what a spectral convergence sounds like."""
    if decibels <= -18:
        return "hard to tell from the original"
    if decibels <= -12:
        return "close: the beat is the same; noise and reverb differ a little"
    if decibels <= -8:
        return "fair: dense or very tonal sounds lose some of their shape"
    return "poor: this sound does not suit the format"
