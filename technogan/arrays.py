"""Array types shared by all packages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
ComplexArray = npt.NDArray[np.complex64]
GreyArray = npt.NDArray[np.uint8]
