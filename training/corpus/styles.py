"""The styles: the probabilities and ranges from which the layers of a bar are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from training.corpus.draw import Span
from training.corpus.kicks import KickKind


@dataclass(frozen=True, slots=True)
class Style:
    """The parameters of a style. Fields that are not listed are probabilities of a layer, 0..1.

    Attributes:
        weight, kicks: weights of the style in the corpus, and of its kinds of kick.
        moves: probability that the chords change within the bar.
        offbeat: probability that a bass line fills the gaps between the beats.
        answer: probability that a second lead sound answers the first.
        kickless, broken: probability of a bar without a kick, and of a kick that is not four to the floor.
        roll: probability of a snare roll besides the fills.
        percussion: mean number of voices.
        swing: maximum, in steps.
        reverb, send: reverberation time, s, and factor of the effect sends.
        duck: depth of the side-chain ducking, 0..1.
        tilt, forward: mean gain of the high shelf, and of the music against the drums, dB.
    """

    name: str
    weight: float
    kicks: Mapping[KickKind, float]
    kickless: float = 0.04
    broken: float = 0.04
    rumble: float = 0.2
    hat: float = 0.9
    open_hat: float = 0.65
    ride: float = 0.2
    shaker: float = 0.2
    clap: float = 0.6
    flam: float = 0.12
    roll: float = 0.04
    breaks: float = 0.06
    percussion: float = 1.5
    toms: float = 0.15
    moves: float = 0.35
    bass: float = 0.45
    offbeat: float = 0.4
    reese: float = 0.06
    acid: float = 0.05
    stab: float = 0.3
    answer: float = 0.35
    dub_chord: float = 0.06
    hoover: float = 0.05
    vocal: float = 0.08
    bell: float = 0.08
    arpeggio: float = 0.15
    pad: float = 0.1
    drone: float = 0.08
    sweep: float = 0.15
    riser: float = 0.06
    texture: float = 0.1
    fill: float = 0.16
    swing: float = 0.22
    reverb: Span = (0.5, 2.2)
    send: float = 1.0
    duck: Span = (0.3, 0.9)
    drive: Span = (0.7, 1.8)
    tilt: float = 0.0
    forward: float = 0.0
    dj_filter: float = 0.05


STYLES: tuple[Style, ...] = (
    Style(
        "peak-time", 5, {"909": 7, "808": 0.5, "hard": 1.5, "soft": 0.3, "distorted": 1.5},
        rumble=0.5, hat=0.95, open_hat=0.85, ride=0.4, clap=0.8, percussion=1.8, toms=0.2, bass=0.5, stab=0.35,
        offbeat=0.6, hoover=0.08, vocal=0.1, riser=0.12, roll=0.08, sweep=0.2, fill=0.18, drive=(1.0, 2.4),
        tilt=1.0,
    ),
    Style(
        "minimal", 3, {"909": 4, "808": 3, "soft": 3},
        rumble=0.08, hat=0.85, open_hat=0.45, ride=0.08, clap=0.55, percussion=3.0, bass=0.5, stab=0.2,
        arpeggio=0.2, bell=0.15, moves=0.2, offbeat=0.2, swing=0.3, reverb=(0.25, 0.9), send=0.6,
        duck=(0.1, 0.5), drive=(0.5, 1.2), texture=0.15,
    ),
    Style(
        "dub", 3, {"909": 4, "808": 3, "soft": 3},
        rumble=0.2, hat=0.8, open_hat=0.5, ride=0.08, clap=0.35, percussion=0.9, toms=0.05, bass=0.55, stab=0.5,
        dub_chord=0.75, offbeat=0.15, moves=0.25, answer=0.15, pad=0.3, texture=0.6, sweep=0.15,
        reverb=(1.2, 4.0), send=1.8, drive=(0.6, 1.4), tilt=-2.5, forward=2.5,
    ),
    Style(
        "hard", 3, {"909": 1.5, "hard": 5, "distorted": 4},
        rumble=0.75, hat=0.85, open_hat=0.8, ride=0.5, clap=0.5, percussion=1.4, toms=0.25, bass=0.25,
        stab=0.25, acid=0.12, hoover=0.22, vocal=0.08, riser=0.15, roll=0.1, drone=0.12, sweep=0.3, moves=0.25,
        offbeat=0.6, fill=0.2, swing=0.1, drive=(1.8, 4.0), duck=(0.5, 0.95), tilt=0.5,
    ),
    Style(
        "broken", 3, {"909": 4, "808": 3.5, "hard": 1, "soft": 1, "distorted": 1},
        broken=1.0, rumble=0.2, hat=0.9, open_hat=0.45, ride=0.12, shaker=0.3, clap=0.85, percussion=2.2,
        toms=0.25, bass=0.55, reese=0.18, stab=0.35, vocal=0.12, pad=0.18, breaks=0.4, flam=0.2, roll=0.08,
        offbeat=0.1, fill=0.2, swing=0.3, drive=(0.8, 2.0),
    ),
    Style(
        "ambient", 2, {"soft": 6, "808": 3, "909": 1},
        kickless=0.5, broken=0.3, rumble=0.1, hat=0.45, open_hat=0.12, ride=0.05, shaker=0.25, clap=0.1,
        percussion=1.1, toms=0.05, bass=0.2, stab=0.2, dub_chord=0.25, bell=0.35, vocal=0.1, riser=0.1,
        moves=0.6, offbeat=0.1, arpeggio=0.4, pad=0.8, drone=0.6, sweep=0.4, texture=0.7, fill=0.02,
        reverb=(1.5, 5.0), send=2.2, duck=(0.05, 0.5), drive=(0.4, 1.0), tilt=-1.0, forward=6.0,
    ),
    Style(
        "acid", 3, {"909": 7, "808": 1, "hard": 1.5, "distorted": 1},
        rumble=0.1, hat=0.9, open_hat=0.75, ride=0.2, clap=0.7, percussion=0.8, toms=0.2, bass=0.06, acid=1.0,
        stab=0.1, vocal=0.05, roll=0.1, moves=0.2, pad=0.04, drive=(0.9, 2.2), forward=2.0,
    ),
    Style(
        "electro", 2, {"808": 6, "909": 3, "hard": 1},
        broken=0.9, rumble=0.04, hat=0.95, open_hat=0.5, ride=0.04, clap=0.9, percussion=1.5, toms=0.3,
        bass=0.75, acid=0.2, stab=0.3, vocal=0.15, bell=0.12, breaks=0.1, moves=0.5, offbeat=0.15,
        arpeggio=0.35, pad=0.2, swing=0.1, reverb=(0.3, 1.2), drive=(0.7, 1.8), tilt=1.0,
    ),
    Style(
        "tribal", 2, {"909": 6, "808": 2, "hard": 1, "soft": 1},
        rumble=0.15, hat=0.8, open_hat=0.6, shaker=0.6, clap=0.4, percussion=3.2, toms=0.9, bass=0.25,
        vocal=0.12, stab=0.08, flam=0.2, moves=0.15, swing=0.3, drive=(0.8, 1.8),
    ),
    Style(
        "tools", 2, {"909": 6, "808": 1.5, "hard": 2, "soft": 0.5},
        kickless=0.08, rumble=0.3, hat=0.6, open_hat=0.45, ride=0.25, clap=0.35, percussion=0.6, toms=0.08,
        bass=0.25, stab=0.2, texture=0.2, riser=0.1, roll=0.06, moves=0.1, dj_filter=0.2, drive=(0.7, 1.8),
    ),
)  # fmt: skip

BY_NAME: Mapping[str, Style] = {style.name: style for style in STYLES}
