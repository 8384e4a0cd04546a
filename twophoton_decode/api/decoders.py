"""Decoders as scikit-learn estimators: features of the image from single-trial responses.

Each has ``fit(R, Y, groups=None)`` and ``predict(R)``, with responses R (presentations, cells)
and features Y (presentations, features), one row for each presentation, and works with
scikit-learn's ``clone``, ``Pipeline``, ``cross_val_score`` and ``GridSearchCV``. Presentations
with identical rows of Y are repeats of an image; strengths are chosen inside `fit` over whole
images left out, or over whole `groups`.

After the fit, `coef_` (cells, features) is what one unit of a cell's response adds to each
feature, `target_mean_` (features,) the mean training target, `response_mean_` (cells,) the
mean training response, `strength_` the regularisation chosen inside training, and `warnings_`
what a reader must know about the fit. Responses that are NaN or infinite, or shapes that do not
fit, are a ``ResponseError``; parameters out of their range, which `fit` looks at, an
``ArgumentError``. Both are a ValueError too.
"""

from __future__ import annotations

from typing import Any

from twophoton_decode.decoding.decoders import (
    all_cells,
    bayes,
    cell_selection,
    elastic_net,
    lasso,
    ridge,
)
from twophoton_decode.deep.decoders import end_to_end, feature_inversion, latent, latent_diffusion
from twophoton_decode.registry import DECODERS

__all__ = [
    "AllCells",
    "Bayes",
    "CellSelection",
    "ElasticNet",
    "EndToEnd",
    "FeatureInversion",
    "Lasso",
    "Latent",
    "LatentDiffusion",
    "Ridge",
    "load",
    "names",
]


class Ridge(ridge.Decoder):
    """Every cell enters every feature: ridge regression, its strength chosen inside training.

    Parameters
    ----------
    strengths : sequence of float, ascending
        Strengths to choose from, 0 or above.
    per_feature : bool
        One strength for each feature; `strength_` is then their median.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> Y = tp.features.Pixels((16, 16)).encode(made.pictures)[made.image]
    >>> decoder = tp.decoders.Ridge().fit(made.responses, Y)
    >>> decoder.coef_.shape
    (30, 256)
    >>> decoder.predict(made.responses).shape
    (80, 256)
    """


class Bayes(bayes.Decoder):
    """Posterior mean of the image under a natural-image prior and a linear encoding model.

    `for_features` makes one with the prior of a feature space. `coef_for` gives the weights
    for means over n trials, `posterior_for` how sure the picture is.

    Parameters
    ----------
    axes : ndarray, shape (directions, features), optional
        Orthonormal directions in which features are independent a priori; by default the
        features themselves.
    variance : ndarray, shape (directions,), optional
        Of natural images along these, up to a common factor; equal by default.
    weight_power : float
        The power of the weight prior.
    luminance_last : bool
        The last direction is the mean luminance, with a model of its own.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> space = tp.features.PriorComponents((16, 16))
    >>> Y = space.encode(made.pictures)[made.image]
    >>> decoder = tp.decoders.Bayes.for_features(space).fit(made.responses, Y)
    >>> space.decode(decoder.predict(made.responses[:2])).shape
    (2, 16, 16)
    """


class Lasso(lasso.Decoder):
    """Few cells enter each feature: least squares with a penalty on absolute weights.

    Parameters
    ----------
    strengths : sequence of float, descending
        Fractions of the strength at which no cell is used, at most 1, to choose from.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> Y = tp.features.PriorComponents((16, 16)).encode(made.pictures)[made.image]
    >>> weights = tp.decoders.Lasso().fit(made.responses, Y[:, :5]).coef_
    >>> bool((weights == 0).any())
    True
    """


class ElasticNet(elastic_net.Decoder):
    """Few cells enter each feature, and cells that respond alike share their weight.

    Parameters
    ----------
    strengths : sequence of float, descending
        Fractions of the strength at which no cell is used, at most 1, to choose from.
    l1_share : float
        Share of the penalty on absolute weights, above 0 and up to 1, where it is the lasso.

    Examples
    --------
    >>> tp.decoders.ElasticNet(l1_share=0.9).get_params()["l1_share"]
    0.9
    """


class EndToEnd(end_to_end.Decoder):
    """Ridge, and a network that has learned to correct its pictures; needs PyTorch.

    Not linear: there is no `coef_`. Where held-out training images do not show that the network
    helps, ridge stays as it is, and `warnings_` says so.

    Parameters
    ----------
    space : LinearFeatures
        The features it decodes.
    steps : int
        Of training, at most.
    learning_rate : float
        At first.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> space = tp.features.Pixels((16, 16))
    >>> decoder = tp.decoders.EndToEnd.for_features(space)
    >>> decoder.fit(made.responses, space.encode(made.pictures)[made.image]).warnings_[-1][:22]
    'ridge stays as it is: '
    """


class Latent(latent.Decoder):
    """Codes of an autoencoder by ridge, and its pictures of them; needs PyTorch and weights.

    Not linear: there is no `coef_`. With fewer than 64 different training images ridge stays as
    it is, and `warnings_` says so. `finer_pictures` gives pictures at the generator's size.

    Parameters
    ----------
    space : LinearFeatures
        The features it decodes.
    session : SessionContext
        Finer pictures, weights and settings; without one, the pictures of the space are enlarged.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> space = tp.features.Pixels((16, 16))
    >>> decoder = tp.decoders.Latent.for_features(space)
    >>> decoder.fit(made.responses, space.encode(made.pictures)[made.image]).warnings_[-1][:22]
    'ridge stays as it is: '
    """


class LatentDiffusion(latent_diffusion.Decoder):
    """Codes cleaned by a denoiser that is told what the picture is about; needs a session.

    Parameters
    ----------
    space : LinearFeatures
        The features it decodes.
    session : SessionContext
        As of a session whose ``[deep] denoiser`` is set.

    Examples
    --------
    >>> tp.decoders.LatentDiffusion().name
    'latent-diffusion'
    """


class FeatureInversion(feature_inversion.Decoder):
    """Pictures that are optimised to have the network features decoded from responses.

    Needs ``tpdecode[deep]``. A picture takes seconds; `seconds_per_picture_` tells how many.
    `pictures(R)` gives them as the network sees them, (n, 3, side, side) from 0 to 1.

    Parameters
    ----------
    space : LinearFeatures
        The features of the session; pictures are brought to its size and encoded by it.
    session : SessionContext, optional
        Says which network and generator, and has finer pictures.

    Examples
    --------
    >>> tp.decoders.FeatureInversion.for_features(tp.features.Pixels((16, 16))).session is None
    True
    """


class AllCells(all_cells.Decoder):
    """Every cell enters every feature: least squares without regularisation, as in the paper.

    `warnings_` say where the number of cells is near that of images or presentations, since
    the error of such fits peaks there.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> Y = tp.features.PriorComponents((16, 16)).encode(made.pictures)[made.image]
    >>> tp.decoders.AllCells().fit(made.responses, Y).warnings_[0][:53]
    '30 cells for 20 training images: the error of least s'
    """


class CellSelection(cell_selection.Decoder):
    """A cell enters a feature only if its encoding model uses that feature, as in the paper.

    Parameters
    ----------
    threshold : float
        A cell enters a feature if their correlation exceeds so many standard deviations of what
        permuted images give; 0 or above.
    strengths : sequence of float, ascending
        Strengths of the penalty to choose from, 0 or above; (0,) is least squares.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> Y = tp.features.PriorComponents((16, 16)).encode(made.pictures)[made.image]
    >>> weights = tp.decoders.CellSelection().fit(made.responses, Y).coef_
    >>> bool((weights == 0).any())
    True
    """


def names() -> tuple[str, ...]:
    """Every decoder by the name that settings and commands use, those of plug-ins too.

    Examples
    --------
    >>> tp.decoders.names()  # doctest: +NORMALIZE_WHITESPACE
    ('all-cells', 'bayes', 'cell-selection', 'elastic-net', 'end-to-end', 'feature-inversion',
     'lasso', 'latent', 'latent-diffusion', 'ridge')
    """
    return DECODERS.names()


_BUILT_IN = {
    "all-cells": AllCells,
    "bayes": Bayes,
    "cell-selection": CellSelection,
    "elastic-net": ElasticNet,
    "end-to-end": EndToEnd,
    "lasso": Lasso,
    "feature-inversion": FeatureInversion,
    "latent": Latent,
    "latent-diffusion": LatentDiffusion,
    "ridge": Ridge,
}


def load(name: str) -> Any:
    """The class of a decoder by its name, also of one that another package brings.

    Raises
    ------
    UnknownNameError
        Nobody registered it; the message lists the known ones.
    PlugInError
        Its package cannot be imported.

    Examples
    --------
    >>> tp.decoders.load("ridge")().get_params()["per_feature"]
    False
    """
    return _BUILT_IN[name] if name in _BUILT_IN else DECODERS.load(name)
