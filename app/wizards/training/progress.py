"""The progress of a training run, gathered from its events, and a hint on what it means. Knows no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

HintKind = Literal["begun", "early", "improving", "level", "by heart", "collapsing"]

# Metrics needed before a hint is given; the fewest of the latest that are compared with those before.
_FEWEST, _LAST = 3, 3
# Metrics after this part of the run are compared with those before.
_RECENT = 0.7
# Ratios of distances; metrics of a few images fluctuate by a few per cent.
_BETTER, _WORSE, _MUCH_WORSE = 0.97, 1.15, 1.5
# A smaller dataset can be memorised.
_FEW_IMAGES = 5500
_MAX_LOSSES = 4000
_NARROW = 0.5


@dataclass(frozen=True, slots=True)
class Hint:
    """The state of a run, and advice ("" for none), in the colour of the token `tone`."""

    kind: HintKind
    text: str
    advice: str = ""
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class Metrics:
    """The evaluation at a checkpoint.

    Attributes:
        images: images seen so far.
        mel: distance of generated images to real ones.
        diversity: of generated images, relative to real ones; None if it was not measured.
    """

    images: int
    mel: float
    diversity: float | None = None


@dataclass(slots=True)
class TrainingProgress:
    """The state of a run, updated by one event after another.

    Attributes:
        images: images seen so far.
        seconds: training time so far.
        rate: images per second, if known.
        left: remaining seconds; None without a time limit.
        paused: whether the run is paused.
        floor: mel distance of real images among themselves, the lower bound, if known.
        losses: (images, generator loss, discriminator loss) of each report.
        metrics: the evaluations, oldest first.
        previews: (images, image file, sound file), relative to the run's folder.
        saved: images seen at the latest checkpoint, if any.
        warning: the latest warning; a checkpoint clears it.
        cause: why the run failed, as a word for programs; "" if unknown.
    """

    images: int = 0
    seconds: float = 0.0
    rate: float | None = None
    left: float | None = None
    paused: bool = False
    floor: float | None = None
    losses: list[tuple[int, float, float]] = field(default_factory=list)
    metrics: list[Metrics] = field(default_factory=list)
    previews: list[tuple[int, str, str]] = field(default_factory=list)
    saved: int | None = None
    warning: str = ""
    cause: str = ""

    def update(self, event: Mapping[str, Any]) -> None:
        """Take in an event. Events of another part of the run, and malformed ones, are ignored."""
        if "part" in event:
            return
        try:
            self._update(event)
        except (KeyError, TypeError, ValueError, IndexError):
            return

    def _update(self, event: Mapping[str, Any]) -> None:
        self.images = int(event.get("images", self.images))
        self.seconds = float(event.get("seconds", self.seconds))
        match event["event"]:
            case "started":
                self._start()
            case "progress":
                self._add_losses(event)
            case "floor":
                self.floor = float(event["mel"])
            case "figures":
                diversity = event.get("diversity")
                mel = float(event["mel"])
                self.metrics.append(Metrics(self.images, mel, None if diversity is None else float(diversity)))
            case "preview":
                image, sound = event["paths"]
                self.previews.append((self.images, str(image), str(sound)))
            case "checkpoint":
                self.saved, self.warning = self.images, ""
            case "paused" | "resumed":
                self.paused = event["event"] == "paused"
            case "warning":
                self.warning = str(event["message"])
            case "failed":
                self.cause = str(event.get("cause", ""))

    def _start(self) -> None:
        """Discard what came after the checkpoint from which the run resumes."""
        self.paused, self.rate, self.left, self.warning, self.cause = False, None, None, "", ""
        self.losses = [entry for entry in self.losses if entry[0] <= self.images]
        self.metrics = [metrics for metrics in self.metrics if metrics.images <= self.images]
        self.previews = [preview for preview in self.previews if preview[0] <= self.images]

    def _add_losses(self, event: Mapping[str, Any]) -> None:
        self.losses.append((self.images, float(event["generator"]), float(event["discriminator"])))
        if len(self.losses) > _MAX_LOSSES:  # after days of training, replace pairs with their means
            pairs = zip(self.losses[::2], self.losses[1::2], strict=False)
            self.losses = [(b[0], (a[1] + b[1]) / 2, (a[2] + b[2]) / 2) for a, b in pairs]
        if "images_per_second" in event:
            self.rate = float(event["images_per_second"])
        left = event.get("seconds_left")
        self.left = None if left is None else float(left)

    @property
    def best(self) -> Metrics | None:
        """The metrics with the smallest distance."""
        return min(self.metrics, key=lambda metrics: metrics.mel, default=None)


def make_hint(progress: TrainingProgress, dataset_images: int) -> Hint:
    """Return what the metrics of a run on a dataset of this size mean."""
    metrics, best = progress.metrics, progress.best
    if best is None:
        text = "Training has just begun. The first preview, sound and metrics come with the first checkpoint."
        return Hint("begun", text, "Click Save now to get them at once." if progress.images else "", "quiet")
    if len(metrics) < _FEWEST:
        return Hint("early", f"{_describe_distance(progress)} It is too early to see a trend.", tone="quiet")
    if _has_narrowed(metrics) or _has_diverged(metrics):
        return Hint(
            "collapsing",
            "The training is collapsing: the results are all alike, or far from your music.",
            f"Stop it and make a model of the best checkpoint, at {best.images:,} images; or start again with half the "
            "learning rate.",
            "warning",
        )
    n = max(_LAST, sum(each.images > _RECENT * metrics[-1].images for each in metrics))
    before, last = metrics[:-n], metrics[-n:]
    if before and min(each.mel for each in last) > _BETTER * min(each.mel for each in before):
        return _make_plateau_hint(progress, dataset_images, before, last)
    return Hint("improving", f"Still improving. {_describe_distance(progress)}", "Let it continue.")


def _make_plateau_hint(
    progress: TrainingProgress, dataset_images: int, before: Sequence[Metrics], last: Sequence[Metrics]
) -> Hint:
    worse = median(each.mel for each in last) > _WORSE * min(each.mel for each in before)
    if worse and dataset_images < _FEW_IMAGES:
        return Hint(
            "by heart",
            f"Overfitting: the network memorises your {dataset_images:,} images and gets worse.",
            "Stop it and make a model of the best checkpoint. More music helps more than more time.",
            "caution",
        )
    return Hint(
        "level",
        f"No longer improving. {_describe_distance(progress)}",
        "More time will help little: stop it and make a model, or leave it for a few hours and see.",
        "caution",
    )


def _describe_distance(progress: TrainingProgress) -> str:
    if progress.best is None or not progress.floor:
        return ""
    ratio = progress.best.mel / progress.floor
    return f"Distance to your music: {ratio:.1f}x (1.0x = your own tracks among themselves)."


def _has_narrowed(metrics: Sequence[Metrics]) -> bool:
    """Return whether the last two diversities are far below an earlier one."""
    diversities = [each.diversity for each in metrics if each.diversity is not None]
    return len(diversities) >= _FEWEST and max(diversities[-2:]) < _NARROW * max(diversities[:-2])


def _has_diverged(metrics: Sequence[Metrics]) -> bool:
    """Return whether the last two distances are far above an earlier one."""
    return min(each.mel for each in metrics[-2:]) > _MUCH_WORSE * min(each.mel for each in metrics[:-2])
