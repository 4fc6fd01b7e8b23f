"""TechnoGAN: from a seed of 64 numbers to a seamless techno loop.

from technogan import Engine, Seed, find_model

engine = Engine(find_model("bar"))
engine.render(Seed.from_integer(7), bpm=132).resampled(44100).save(Path("loop.wav"))
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from technogan.engine import Engine, loop_of_images
    from technogan.errors import (
        BundleError,
        Cancelled,
        ModelNotFound,
        OutputError,
        SeedError,
        SettingError,
        SourceError,
        SpecError,
        SpecMismatch,
        TechnoganError,
    )
    from technogan.formats import FORMATS, SpectrogramFormat
    from technogan.network.bundle import ModelBundle
    from technogan.network.generator import Generator
    from technogan.network.library import available_models, find_model
    from technogan.network.spec import ModelSpec
    from technogan.phase.reconstruction import METHODS, reconstruct, spectral_convergence
    from technogan.seeds.origin import Origin
    from technogan.seeds.paths import fade, lerp, mutate, pingpong, slerp, walk
    from technogan.seeds.seed import Seed
    from technogan.sound.level import Levels
    from technogan.sound.loop import Loop
    from technogan.transforms import transform_of
    from technogan.transforms.base import Transform

__version__ = "0.1.0"

# ONNX Runtime 1.32 gathers reports for its maker, and keeps a number for the machine in the user's folder. What is
# played is the player's business alone. The runtime reads this when it is loaded, so it is said before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Public name -> the module that defines it. Loaded on first use, so that `import technogan` costs nothing.
_HOMES = {
    "BundleError": "errors",
    "Cancelled": "errors",
    "Engine": "engine",
    "FORMATS": "formats",
    "Generator": "network.generator",
    "Levels": "sound.level",
    "Loop": "sound.loop",
    "METHODS": "phase.reconstruction",
    "ModelBundle": "network.bundle",
    "ModelNotFound": "errors",
    "ModelSpec": "network.spec",
    "Origin": "seeds.origin",
    "OutputError": "errors",
    "Seed": "seeds.seed",
    "SeedError": "errors",
    "SettingError": "errors",
    "SourceError": "errors",
    "SpecError": "errors",
    "SpecMismatch": "errors",
    "SpectrogramFormat": "formats",
    "TechnoganError": "errors",
    "Transform": "transforms.base",
    "available_models": "network.library",
    "fade": "seeds.paths",
    "find_model": "network.library",
    "lerp": "seeds.paths",
    "loop_of_images": "engine",
    "mutate": "seeds.paths",
    "pingpong": "seeds.paths",
    "reconstruct": "phase.reconstruction",
    "slerp": "seeds.paths",
    "spectral_convergence": "phase.reconstruction",
    "transform_of": "transforms",
    "walk": "seeds.paths",
}

__all__ = [
    "FORMATS",
    "METHODS",
    "BundleError",
    "Cancelled",
    "Engine",
    "Generator",
    "Levels",
    "Loop",
    "ModelBundle",
    "ModelNotFound",
    "ModelSpec",
    "Origin",
    "OutputError",
    "Seed",
    "SeedError",
    "SettingError",
    "SourceError",
    "SpecError",
    "SpecMismatch",
    "SpectrogramFormat",
    "TechnoganError",
    "Transform",
    "__version__",
    "available_models",
    "fade",
    "find_model",
    "lerp",
    "loop_of_images",
    "mutate",
    "pingpong",
    "reconstruct",
    "slerp",
    "spectral_convergence",
    "transform_of",
    "walk",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
