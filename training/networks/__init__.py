"""The networks that learn to dream: what they are made of, said in TOML files, and the Keras models made of that.

Nothing here loads Keras before a model is built; `require_keras` chooses its back end.
"""

from training.networks.definition import DiscriminatorDefinition, GeneratorDefinition, NetworkDefinition
from training.networks.files import network_names, read_network

__all__ = [
    "DiscriminatorDefinition",
    "GeneratorDefinition",
    "NetworkDefinition",
    "network_names",
    "read_network",
]
