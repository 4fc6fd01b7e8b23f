import pickle
from pathlib import Path

import pytest

from technogan.errors import BundleError, Cancelled, ModelNotFound, RendererLost, RequestError, SettingError

ERRORS = [
    BundleError(Path("a.onnx"), "damaged"),
    ModelNotFound("b", ["a"]),
    SettingError("steps", 0, "1 or more"),
    RequestError("full", "too many requests"),
    RendererLost(-11),
    Cancelled(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_keep_their_message_and_data_when_pickled(error):
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))
