"""Which pictures are set against each other, in which order, and on which side."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls

MAIN: Final = "reconstruction"
QUESTIONS: Final = {
    "generator": "without generator",
    "responses": "another image's responses",
}
"""What a reconstruction is set against, by what the question is about."""
SIDES: Final = ("left", "right")
_CODE_BYTES = 4


@dataclass(frozen=True)
class Trial:
    """One choice between the reconstruction and another picture.

    Attributes
    ----------
    code : str
        What the page calls it; says nothing.
    question : str
        generator or responses.
    image : int
        Place among the images of the record.
    name : str
        Name of the image.
    side : str
        Where the reconstruction is: left or right.
    """

    code: str
    question: str
    image: int
    name: str
    side: str


@dataclass(frozen=True)
class Key:
    """What a page's answers mean. It stays with the session, and the page lacks it."""

    page: str
    trials: tuple[Trial, ...]

    def text(self) -> str:
        """As JSON."""
        found = {"page": self.page, "trials": [asdict(each) for each in self.trials]}
        return json.dumps(found, indent=1) + "\n"

    @classmethod
    def read(cls, text: str) -> Key:
        """From JSON.

        Raises
        ------
        AnalysisError
            It is not a key.
        """
        try:
            found = json.loads(text)
            return cls(str(found["page"]), tuple(Trial(**each) for each in found["trials"]))
        except (ValueError, TypeError, KeyError) as error:
            raise AnalysisError(
                f"the key of the rating is damaged ({type(error).__name__}). Make the page again "
                "with -o; answers to a page whose key is lost cannot be read."
            ) from error


def trials_of(found: InversionControls, seed: int) -> Key:
    """Every image in every question that the record allows, in random order.

    Parameters
    ----------
    seed : int
        Of order, sides and codes.

    Raises
    ------
    AnalysisError
        The record has nothing to set against the reconstruction.
    """
    asked = [name for name, other in QUESTIONS.items() if other in found.variant.tolist()]
    if not asked:
        raise AnalysisError("the record has no control that people could judge.")
    pairs = [(name, image) for name in asked for image in range(len(found.image_name))]
    rng = np.random.default_rng([seed, 31])
    order = rng.permutation(len(pairs))
    sides = rng.permutation(np.arange(len(pairs)) % 2)
    codes = _codes(len(pairs), rng)
    trials = tuple(
        Trial(codes[at], question, image, str(found.image_name[image]), SIDES[sides[at]])
        for at, (question, image) in enumerate(pairs[place] for place in order.tolist())
    )
    digest = hashlib.blake2b(digest_size=8)
    for values in (found.picture, found.made, np.array([seed])):
        digest.update(np.ascontiguousarray(values).tobytes())
    return Key(digest.hexdigest(), trials)


def _codes(count: int, rng: np.random.Generator) -> list[str]:
    """Different words of random digits."""
    made: dict[str, None] = {}
    while len(made) < count:
        made[rng.bytes(_CODE_BYTES).hex()] = None
    return list(made)
