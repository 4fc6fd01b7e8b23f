"""How a training goes, from its events: curves to draw, and what they mean in plain words. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

Kind = Literal["begun", "early", "improving", "level", "by heart", "collapsing"]

# Figures before anything can be said; how many of the last ones, at least, are held against those before.
_FEWEST, _LAST = 3, 3
# What has been seen since this share of the way is held against what was before.
_LATELY = 0.7
# A figure of few images wobbles by some percent.
_BETTER, _WORSE, _MUCH_WORSE = 0.97, 1.15, 1.5
_FEW_IMAGES = 5500
_MOST_LOSSES = 4000
_NARROW = 0.5


@dataclass(frozen=True, slots=True)
class Hint:
    """What is happening, and what to do about it ("" for nothing). tone: the token of its colour."""

    kind: Kind
    text: str
    advice: str = ""
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class Figure:
    """One look at what is dreamt. mel: distance to real images; diversity: of the dreamt ones, over the real ones'."""

    images: int
    mel: float
    diversity: float | None = None


@dataclass(slots=True)
class Course:
    """A run so far. It only grows: `take` one event after another.

    losses: (images, generator, discriminator) of each report. floor: mel distance of real images to each other.
    previews: (images, picture, sound), relative to the run's folder. left: seconds, None without a limit.
    """

    images: int = 0
    seconds: float = 0.0
    rate: float | None = None
    left: float | None = None
    paused: bool = False
    floor: float | None = None
    losses: list[tuple[int, float, float]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    previews: list[tuple[int, str, str]] = field(default_factory=list)
    saved: int | None = None
    warning: str = ""
    cause: str = ""

    def take(self, event: Mapping[str, Any]) -> None:
        """Learn from an event. One that is of another training of the run, or makes no sense, is passed over."""
        if "part" in event:
            return
        try:
            self._take(event)
        except (KeyError, TypeError, ValueError, IndexError):
            return

    def _take(self, event: Mapping[str, Any]) -> None:
        self.images = int(event.get("images", self.images))
        self.seconds = float(event.get("seconds", self.seconds))
        match event["event"]:
            case "started":
                self._start()
            case "progress":
                self._progress(event)
            case "floor":
                self.floor = float(event["mel"])
            case "figures":
                diversity = event.get("diversity")
                figure = Figure(self.images, float(event["mel"]), None if diversity is None else float(diversity))
                self.figures.append(figure)
            case "preview":
                picture, sound = event["paths"]
                self.previews.append((self.images, str(picture), str(sound)))
            case "checkpoint":
                self.saved, self.warning = self.images, ""
            case "paused" | "resumed":
                self.paused = event["event"] == "paused"
            case "warning":
                self.warning = str(event["message"])
            case "failed":
                self.cause = str(event.get("cause", ""))

    def _start(self) -> None:
        """Where a run goes on from its checkpoint, what came after that is done again."""
        self.paused, self.rate, self.left, self.warning, self.cause = False, None, None, "", ""
        self.losses = [entry for entry in self.losses if entry[0] <= self.images]
        self.figures = [figure for figure in self.figures if figure.images <= self.images]
        self.previews = [preview for preview in self.previews if preview[0] <= self.images]

    def _progress(self, event: Mapping[str, Any]) -> None:
        self.losses.append((self.images, float(event["generator"]), float(event["discriminator"])))
        if len(self.losses) > _MOST_LOSSES:  # after days: neighbours become their means
            pairs = zip(self.losses[::2], self.losses[1::2], strict=False)
            self.losses = [(b[0], (a[1] + b[1]) / 2, (a[2] + b[2]) / 2) for a, b in pairs]
        if "images_per_second" in event:
            self.rate = float(event["images_per_second"])
        left = event.get("seconds_left")
        self.left = None if left is None else float(left)

    @property
    def best(self) -> Figure | None:
        """The figure with the least distance."""
        return min(self.figures, key=lambda figure: figure.mel, default=None)


def hint(course: Course, dataset_images: int) -> Hint:
    """What the run's figures say, for a dataset of so many images."""
    figures = course.figures
    if not figures:
        text = "Just begun. The first pictures, sounds and figures come with the first checkpoint."
        return Hint("begun", text, "Save now shows them at once." if course.images else "", "quiet")
    if len(figures) < _FEWEST:
        return Hint("early", f"{_standing(course)} Too early to say how it goes on.", tone="quiet")
    if _narrow(figures) or _ran_away(figures):
        best = min(figures, key=lambda figure: figure.mel)
        return Hint(
            "collapsing",
            "It is collapsing: what it dreams is all alike, or far from your music.",
            f"Stop it, and make a model of the best one, at {best.images:,} images; or begin anew with half the "
            "learning rate.",
            "warning",
        )
    n = max(_LAST, sum(f.images > _LATELY * figures[-1].images for f in figures))
    before, last = figures[:-n], figures[-n:]
    if before and min(f.mel for f in last) > _BETTER * min(f.mel for f in before):
        return _no_better(course, dataset_images, before, last)
    return Hint("improving", f"Still improving. {_standing(course)}", "Let it go on.")


def _no_better(course: Course, dataset_images: int, before: Sequence[Figure], last: Sequence[Figure]) -> Hint:
    worse = median(f.mel for f in last) > _WORSE * min(f.mel for f in before)
    if worse and dataset_images < _FEW_IMAGES:
        return Hint(
            "by heart",
            f"Too little data: it learns your {dataset_images:,} images by heart and gets worse.",
            "Stop it and make a model of the best one. More music helps more than more time.",
            "caution",
        )
    return Hint(
        "level",
        f"It has levelled off. {_standing(course)}",
        "More time brings little now: stop it and make a model, or leave it for hours and see.",
        "caution",
    )


def _standing(course: Course) -> str:
    """How far its best dreams are from real music, in units of what real music is from itself."""
    best = course.best
    if best is None or not course.floor:
        return ""
    ratio = best.mel / course.floor
    return f"Its dreams are {ratio:.1f} times as far from your music as your music is from itself."


def _narrow(figures: Sequence[Figure]) -> bool:
    """Whether the last two say that everything dreamt is alike, as it was not before."""
    told = [f.diversity for f in figures if f.diversity is not None]
    return len(told) >= _FEWEST and max(told[-2:]) < _NARROW * max(told[:-2])


def _ran_away(figures: Sequence[Figure]) -> bool:
    return min(f.mel for f in figures[-2:]) > _MUCH_WORSE * min(f.mel for f in figures[:-2])
