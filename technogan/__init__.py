"""TechnoGAN: from a seed of 64 numbers to a seamless techno loop.

from technogan import Engine, Seed

engine = Engine("bar")
engine.render(Seed.from_integer(7), bpm=132).resampled(44100).save("loop.wav")
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

# For type checkers and editors: the same names as in `_PUBLIC` below. "as" marks them as exported.
if TYPE_CHECKING:
    from technogan.engine import Engine as Engine
    from technogan.engine import loop_of_images as loop_of_images
    from technogan.errors import BundleError as BundleError
    from technogan.errors import Cancelled as Cancelled
    from technogan.errors import ModelNotFound as ModelNotFound
    from technogan.errors import OutputError as OutputError
    from technogan.errors import SeedError as SeedError
    from technogan.errors import SettingError as SettingError
    from technogan.errors import SourceError as SourceError
    from technogan.errors import SpecError as SpecError
    from technogan.errors import SpecMismatch as SpecMismatch
    from technogan.errors import TechnoganError as TechnoganError
    from technogan.files.png import write_picture as write_picture
    from technogan.files.seed_source import read_origin as read_origin
    from technogan.files.seed_source import read_seed as read_seed
    from technogan.formats import FORMATS as FORMATS
    from technogan.formats import ConstantQSettings as ConstantQSettings
    from technogan.formats import SpectrogramFormat as SpectrogramFormat
    from technogan.formats import StftSettings as StftSettings
    from technogan.network.bundle import ModelBundle as ModelBundle
    from technogan.network.generator import Generator as Generator
    from technogan.network.library import available_models as available_models
    from technogan.network.library import find_model as find_model
    from technogan.network.nearest import NearestSeed as NearestSeed
    from technogan.network.spec import ModelSpec as ModelSpec
    from technogan.network.writing import verify as verify
    from technogan.phase.reconstruction import METHODS as METHODS
    from technogan.phase.reconstruction import Method as Method
    from technogan.phase.reconstruction import reconstruct as reconstruct
    from technogan.phase.reconstruction import spectral_convergence as spectral_convergence
    from technogan.seed_search import nearest_seed as nearest_seed
    from technogan.seeds.origin import Origin as Origin
    from technogan.seeds.paths import fade as fade
    from technogan.seeds.paths import lerp as lerp
    from technogan.seeds.paths import mutate as mutate
    from technogan.seeds.paths import pingpong as pingpong
    from technogan.seeds.paths import slerp as slerp
    from technogan.seeds.paths import walk as walk
    from technogan.seeds.seed import Seed as Seed
    from technogan.sound.level import Levels as Levels
    from technogan.sound.loop import Loop as Loop
    from technogan.transforms import transform_of as transform_of
    from technogan.transforms.base import Transform as Transform

__version__ = "0.1.0"

# ONNX Runtime 1.32 collects telemetry and stores an id of the machine in the user's folder. It reads this variable when
# it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Module -> its public names. Modules are imported on first use, so that `import technogan` is instant.
_PUBLIC = {
    "engine": ("Engine", "loop_of_images"),
    "errors": (
        "BundleError",
        "Cancelled",
        "ModelNotFound",
        "OutputError",
        "SeedError",
        "SettingError",
        "SourceError",
        "SpecError",
        "SpecMismatch",
        "TechnoganError",
    ),
    "files.png": ("write_picture",),
    "files.seed_source": ("read_origin", "read_seed"),
    "formats": ("FORMATS", "ConstantQSettings", "SpectrogramFormat", "StftSettings"),
    "network.bundle": ("ModelBundle",),
    "network.generator": ("Generator",),
    "network.library": ("available_models", "find_model"),
    "network.nearest": ("NearestSeed",),
    "network.spec": ("ModelSpec",),
    "network.writing": ("verify",),
    "phase.reconstruction": ("METHODS", "Method", "reconstruct", "spectral_convergence"),
    "seed_search": ("nearest_seed",),
    "seeds.origin": ("Origin",),
    "seeds.paths": ("fade", "lerp", "mutate", "pingpong", "slerp", "walk"),
    "seeds.seed": ("Seed",),
    "sound.level": ("Levels",),
    "sound.loop": ("Loop",),
    "transforms": ("transform_of",),
    "transforms.base": ("Transform",),
}
_MODULE_OF = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = ["__version__", *_MODULE_OF]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
