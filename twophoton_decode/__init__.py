"""From a two-photon microscope's raw TIFFs to reconstructed images of what the mouse saw.

``import twophoton_decode as tp`` gives what programs and notebooks may rely on:

- `tp.open`: a session folder, its records, figures and settings;
- `tp.from_arrays`: a session of responses and pictures that lie in memory;
- `tp.simulate`: a population with known truth;
- `tp.decoders`: the decoders as scikit-learn estimators;
- `tp.features`: feature spaces, from pictures to features and back;
- `tp.layer_decoding`: features of networks decoded from responses, and pictures identified by them;
- `tp.representation`: what dissimilarities of pictures have in common;
- `tp.over_sessions`: networks, areas and animals compared over several sessions;
- `tp.restoration`: noisy movies restored, and what that invents;
- `tp.scores` and `tp.folds`: how good a reconstruction is, by images that no fit has seen;
- `tp.errors`: what can go wrong.

These names are a promise. Everything else in the package is private and may move. Nothing but
this file is loaded before a name is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twophoton_decode import errors, features
    from twophoton_decode.api import (
        decoders,
        folds,
        layer_decoding,
        over_sessions,
        representation,
        scores,
    )
    from twophoton_decode.api.from_arrays import from_arrays
    from twophoton_decode.api.microscope import restoration
    from twophoton_decode.api.session import Session, open
    from twophoton_decode.api.simulation import Simulation, simulate

__version__ = "0.1.0"

__all__ = [
    "Session",
    "Simulation",
    "decoders",
    "errors",
    "features",
    "folds",
    "from_arrays",
    "layer_decoding",
    "open",
    "over_sessions",
    "representation",
    "restoration",
    "scores",
    "simulate",
]

_MODULES = {
    "decoders": "api.decoders",
    "errors": "errors",
    "features": "features",
    "folds": "api.folds",
    "layer_decoding": "api.layer_decoding",
    "over_sessions": "api.over_sessions",
    "representation": "api.representation",
    "restoration": "api.microscope.restoration",
    "scores": "api.scores",
}
_NAMES = {
    "Session": "api.session",
    "Simulation": "api.simulation",
    "from_arrays": "api.from_arrays",
    "open": "api.session",
    "simulate": "api.simulation",
}


if not TYPE_CHECKING:  # A type checker sees the names alone, and refuses others.

    def __getattr__(name: str) -> Any:
        """Load what is asked for, once."""
        if name in _MODULES:
            found = importlib.import_module(f"{__name__}.{_MODULES[name]}")
        elif name in _NAMES:
            found = getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
        else:
            raise AttributeError(
                f"twophoton_decode has no {name!r}; it offers {', '.join(__all__)}.",
                name=name,
                obj=importlib.import_module(__name__),
            )
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
