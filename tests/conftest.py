"""What all tests share."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees or touches the user's models."""
    monkeypatch.setenv("TECHNOGAN_MODELS", str(tmp_path_factory.mktemp("models")))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
