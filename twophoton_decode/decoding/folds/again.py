"""The decoders of a reconstruction that has no reverse filters, fitted again from its responses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from twophoton_decode.decoding.fitting.model import rounding
from twophoton_decode.decoding.fitting.readout import Readout
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.folds.finite import FiniteTrials, finite_trials
from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.given import LEFT_OUT
from twophoton_decode.decoding.folds.splits import FoldsOfTrials, decoder_for, space_for, trials_of
from twophoton_decode.decoding.folds.trials import Pictures
from twophoton_decode.decoding.plug_in_errors import running
from twophoton_decode.errors import ContractError
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.registry import FEATURE_SPACES
from twophoton_decode.statistics.by_image import content_groups, identical_rows

SAME = 1e-3
"""Largest difference to the former reconstructions, as a share of their largest deviation.

Beyond it comes rounding, by the size of the pictures: records hold them in float32, and
decoders may predict in float32, so that small deviations from bright pictures are coarse.
"""


KEPT = 16
"""Fitted models in memory at once; with more folds, one that is asked for later is fitted again."""


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A fold's decoder: responses as it reads them to pictures less the mean training picture.

    `mean_response` (cells,) is the mean training response, likewise.
    """

    readout: Readout
    pictures: Pictures
    mean_response: np.ndarray

    def pictures_of(self, R: np.ndarray) -> np.ndarray:
        """Reconstructions (n, pixels), less the mean training picture, of responses (n, cells)."""
        return self.readout.apply(R, 1, self.pictures)


Models = Callable[[int], FittedModel]
"""The decoder of a fold."""


def models_of(
    made: Reconstruction,
    responses: Responses,
    seed: int,
    session: SessionContext,
    progress: Progress,
) -> Models | None:
    """The decoder of each fold, fitted again when it is asked for; the last 16 are kept.

    None for decoders with reverse filters, which need no fit. To the same responses, images
    and groups, with the transform that was chosen. A decoder that `Trains` is read back from
    its checkpoint if there is one.

    Parameters
    ----------
    made : Reconstruction
    responses : Responses
        Those it was made from, of images that only train too; images never shown may be left out.
    seed, session, progress
        As for `reconstruct`.

    Returns
    -------
    callable or None
        Raises `ContractError` where a decoder reconstructs otherwise than before.
    """
    if made.reverse_filter is not None:
        return None
    parts = folds_again(made, responses, made.decoder, seed, session, progress)

    @lru_cache(maxsize=KEPT)
    def model(fold: int) -> FittedModel:
        with running(made.decoder, made.features):
            part = parts.part(fold, (str(made.transform[fold]),))
            _require_same(made, fold, part)
        return FittedModel(part.readout, part.pictures, np.asarray(made.mean_response[fold]))

    return model


def folds_again(
    made: Reconstruction,
    responses: Responses,
    decoder: str,
    seed: int,
    session: SessionContext,
    progress: Progress,
) -> FoldsOfTrials:
    """The folds of a reconstruction, for its own decoder or another one of the same features.

    Transforms of the responses are not chosen in them: `FoldsOfTrials.part` is told one.
    """
    shown, fold, content = _used(made, finite_trials(responses))
    space = FEATURE_SPACES.load(made.features)(shown.picture.shape[1:])
    space = space_for(decoder, space)
    pictures = space.prepare(shown.picture)
    identity, first = identical_rows(pictures.reshape(len(pictures), -1))
    trials = trials_of(shown, pictures, space, identity, first, content)
    session = session.about(shown.image_name[first], pictures[first], trials.features)
    make = decoder_for(decoder, space, session)
    return FoldsOfTrials(trials, fold[first], make, (), session, seed, progress)


def _used(made: Reconstruction, shown: FiniteTrials) -> tuple[FiniteTrials, np.ndarray, np.ndarray]:
    """The images that train or are tested, with the fold and the content of each."""
    if made.session_fold is None or made.session_content is None:
        return shown, made.fold, content_groups(made)
    used = made.session_fold != LEFT_OUT
    return shown.of(used), made.session_fold[used], made.session_content[used]


def _require_same(made: Reconstruction, fold: int, part: Fold) -> None:
    tested = np.flatnonzero(made.fold[made.image] == fold)
    single = np.asarray(made.single[tested], float)
    former = (single - made.mean_picture[fold]).reshape(len(tested), -1)
    found = part.fit().deviation
    rounded = rounding(np.float32(0)) * np.abs(single).max()
    if np.abs(found - former).max() > SAME * np.abs(former).max() + rounded:
        raise ContractError(
            "fitted again to the same responses, it reconstructs otherwise than before. Its random "
            "numbers must come from a fixed seed; if it was changed since, run reconstruct again"
        )
