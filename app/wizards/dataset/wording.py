"""What commands measured, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wizards.common.wording import several

# Pictures with which a model begins to be of use, and about how many the research prototype was trained on.
SOME, ENOUGH = 1000, 5500
# A change of tempo that is heard, as a share.
HEARD = 0.1

Facts = Mapping[str, Any]


def verdict(tempo: Facts) -> str:
    """What `technogan dataset tempo` said of a track, in a sentence or two."""
    if not tempo:
        return "Its tempo has not been measured yet."
    drift, bpm = tempo["drift"], tempo["bpm"]
    within = f"95 % of its beats lie within {drift['p95_ms']:.1f} ms of {bpm:.2f} BPM"
    match tempo["verdict"]:
        case "exact":
            return f"Exact: {within}. It can be cut as it is."
        case "conform":
            return f"It drifts: {within}, the worst is {drift['worst_ms']:.0f} ms off. {_cause(drift)}Conform it."
        case _:
            return (
                f"No steady beat: {drift['followed']:.0%} of its beats could be told, confidence "
                f"{tempo['confidence']:.0%}. If you know its tempo, enter it; else leave the track out."
            )


def _cause(drift: Facts) -> str:
    trend = drift["trend_bpm_per_minute"]
    if abs(trend) > 0.02:
        return f"The tempo {'rises' if trend > 0 else 'falls'} by {abs(trend):.2f} BPM a minute. "
    if drift["wander_ms"] > 3:
        return f"It wanders by {drift['wander_ms']:.0f} ms, as tape and vinyl do. "
    return ""


def change(bpm: float, target: float) -> str:
    """What conforming does to a track of this tempo."""
    share = target / bpm - 1
    if abs(share) < 5e-5:
        return "keeps its tempo"
    faster = f"{abs(share):.1%} {'faster' if share > 0 else 'slower'}"
    return f"{faster}: that will be heard" if abs(share) > HEARD else faster


def enough(images: int) -> str:
    """Whether so many pictures are enough to learn from."""
    if images >= ENOUGH:
        return f"{several(images, 'picture')}: enough. The research prototype learned from about {ENOUGH}."
    if images >= SOME:
        return (
            f"{several(images, 'picture')}: a beginning. A model will be of use; with {ENOUGH}, about as many as the "
            "research prototype had, it becomes more varied."
        )
    return (
        f"{several(images, 'picture')}: few. A model would learn them by heart; it begins to be of use with {SOME} and "
        f"is better with {ENOUGH}. Add tracks, or choose a shorter format."
    )


def closeness(decibels: float) -> str:
    """What a spectral convergence says."""
    if decibels <= -18:
        return "as close as it comes: hard to tell apart"
    if decibels <= -12:
        return "close: the beat is the same, noise and reverb a little different"
    if decibels <= -8:
        return "fair: dense or very tonal sounds lose some of their shape"
    return "far: this sound does not fit the format well"
