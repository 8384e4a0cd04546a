"""A table as figures and exports hand it on: columns by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Column = Sequence[Any] | np.ndarray
Table = Mapping[str, Column]
