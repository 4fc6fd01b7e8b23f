"""Network definitions in TOML files, and the Keras models built from them.

Importing this package does not load Keras; call `require_keras` before you import the modules that build models.
"""

from training.networks.definition import DiscriminatorDefinition, GeneratorDefinition, NetworkDefinition
from training.networks.files import find_network, network_names, read_network

__all__ = [
    "DiscriminatorDefinition",
    "GeneratorDefinition",
    "NetworkDefinition",
    "find_network",
    "network_names",
    "read_network",
]
