"""What messages call that which refers to pictures, and what they tell a user to set."""

from __future__ import annotations

from dataclasses import dataclass

from twophoton_decode.errors import ResponseError, StimulusLogError, TpDecodeError


@dataclass(frozen=True)
class Wording:
    """Words for one kind of file that refers to pictures.

    Attributes
    ----------
    numbers : str
        What its numbers are called, at the beginning of a sentence.
    error : type
        What is raised where a reference means no picture.
    from_one : str
        How to say that indices count from 1, as an order.
    picture_numbers : str
        How to set ``picture_numbers``, as an order with a place for its value.
    no_picture : str
        What to do where a number stands for no picture; empty if nothing.
    """

    numbers: str
    error: type[TpDecodeError]
    from_one: str
    picture_numbers: str
    no_picture: str

    def read_by(self, how: str) -> str:
        """The order to read numbers by ``index`` or by ``name``."""
        return self.picture_numbers.format(how)


LOG = Wording(
    numbers="Numbers in the log",
    error=StimulusLogError,
    from_one="set first_index = 1 under [recording] in session.toml",
    picture_numbers='set picture_numbers = "{}" under [log] in session.toml',
    no_picture="If such a number is a screen without a picture, add it to blank_values under [log] "
    "in session.toml.",
)
LABELS = Wording(
    numbers="Labels",
    error=ResponseError,
    from_one="add --first-index 1 (first_index = 1 under [recording] in session.toml)",
    picture_numbers='add --picture-numbers {0} (picture_numbers = "{0}" under [log] in '
    "session.toml)",
    no_picture="",
)
