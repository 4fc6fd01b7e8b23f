"""Array types shared by all packages."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
ComplexArray = npt.NDArray[np.complex64]
GreyArray = npt.NDArray[np.uint8]
