"""A number in the log: the index of a picture, or the number in its name; asked if in doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import SettingsError, StimulusLogError

_FROM_ONE = (
    " If the images are counted from 1, set first_index = 1 under [recording] in session.toml."
)
_BLANK = (
    " If such a number is a screen without a picture, add it to blank_values under [log] in "
    "session.toml."
)


def numbers_in_names(stems: Sequence[str]) -> dict[int, int]:
    """Picture by the number in its name; empty where the names do not count.

    The names count where each holds equally many numbers, exactly one of which differs
    from picture to picture without repeating.
    """
    parts = [[int(digits) for digits in re.findall(r"[0-9]{1,18}", stem)] for stem in stems]
    if len({len(each) for each in parts}) != 1:
        return {}
    varying = [column for column in zip(*parts, strict=True) if len(set(column)) > 1]
    unique = [column for column in varying if len(set(column)) == len(column)]
    if len(unique) != 1:
        return {}
    return {number: index for index, number in enumerate(unique[0])}


@dataclass(frozen=True)
class PictureNumbers:
    """How whole numbers in the log are read.

    Attributes
    ----------
    names : list of str
        Names of the pictures, in the order of indices.
    by_name : mapping
        Picture by the number in its name.
    setting : str
        ``picture_numbers`` of the settings: auto, index or name.
    first_index : int
        The index of the first picture.
    """

    names: list[str]
    by_name: Mapping[int, int]
    setting: str
    first_index: int

    def indices(self, values: np.ndarray, where: Sequence[str]) -> tuple[np.ndarray, list[str]]:
        """Index of the picture each number means, and what is to be said about it.

        Raises
        ------
        StimulusLogError
            A number without a picture, or two readings that nothing decides between.
        SettingsError
            Numbers are to be those in the names, which do not count.
        """
        index = values - self.first_index
        fits_index = (index >= 0) & (index < len(self.names))
        named = np.array([self.by_name.get(int(value), -1) for value in values])
        if self.setting == "name":
            return self._by_name(values, named, where), []
        if self.setting == "index" or not self.by_name:
            return self._by_index(values, fits_index, where), self._first_unshown(values)
        if (named >= 0).all() and fits_index.all():
            return self._decided(values, index, named, where)
        if (named >= 0).all():
            return named, self._other_reading("the numbers in their names", values, named, index)
        if fits_index.all():
            how = f"indices from {self.first_index}"
            return index, self._other_reading(how, values, index, named)
        raise StimulusLogError(self._neither(values, named, fits_index, where))

    def _by_name(self, values: np.ndarray, named: np.ndarray, where: Sequence[str]) -> np.ndarray:
        if not self.by_name:
            raise SettingsError(
                'picture_numbers = "name" under [log], but the names of the pictures, such as '
                f"{self.names[0]!r}, do not hold one number each that tells them apart."
            )
        for value, picture, place in zip(values, named, where, strict=True):
            if picture < 0:
                raise StimulusLogError(
                    f"{place}: no picture has the number {value} in its name; the numbers are "
                    f"{min(self.by_name)} to {max(self.by_name)}."
                )
        return named

    def _by_index(self, values: np.ndarray, fits: np.ndarray, where: Sequence[str]) -> np.ndarray:
        count, first = len(self.names), self.first_index
        for value, inside, place in zip(values, fits, where, strict=True):
            if not inside:
                one_based = first == 0 and values.min() > 0 and values.max() == count
                hint = _FROM_ONE if one_based else _BLANK if value < first else ""
                raise StimulusLogError(
                    f"{place}: the image index is {value}, but the {count} pictures have the "
                    f"indices {first} to {count - 1 + first}.{hint}"
                )
        return values - first

    def _decided(
        self, values: np.ndarray, index: np.ndarray, named: np.ndarray, where: Sequence[str]
    ) -> tuple[np.ndarray, list[str]]:
        """Both readings are possible: they agree, or first_index = 1 says which counts."""
        differ = np.flatnonzero(index != named)
        if not differ.size:
            return index, []
        if self.first_index == 1:
            return index, self._other_reading("indices from 1", values, index, named)
        row = differ[0]
        value = values[row]
        raise StimulusLogError(
            f"{where[row]}: the image {value} can be read in two ways: as the number in a "
            f"picture's name it is {self.names[named[row]]!r}, as an index from 0 it is "
            f"{self.names[index[row]]!r}. Say which: first_index = 1 under [recording] in "
            'session.toml for indices from 1, or picture_numbers = "name" or "index" under [log].'
        )

    def _other_reading(
        self, how: str, values: np.ndarray, used: np.ndarray, other: np.ndarray
    ) -> list[str]:
        """A note where the reading that is not used would give another picture."""
        inside = (other >= 0) & (other < len(self.names))
        differ = np.flatnonzero(inside & (used != other))
        if not differ.size:
            return []
        row = differ[0]
        return [
            f"Numbers of pictures are read as {how}: {values[row]} is {self.names[used[row]]!r}, "
            f"not {self.names[other[row]]!r}."
        ]

    def _first_unshown(self, values: np.ndarray) -> list[str]:
        """An index of 0 that never comes may mean that the log counts from 1."""
        if self.first_index != 0 or not values.size or values.min() != 1 or len(self.names) < 2:
            return []
        return [
            f"Pictures are counted from 0, and the log never shows {self.names[0]!r}: if it counts "
            "from 1, set first_index = 1 under [recording] in session.toml."
        ]

    def _neither(
        self, values: np.ndarray, named: np.ndarray, fits: np.ndarray, where: Sequence[str]
    ) -> str:
        """The first number that is neither, or else one for each reading that it rules out."""
        no_index, no_name = np.flatnonzero(~fits), np.flatnonzero(named < 0)
        nowhere = np.flatnonzero(~fits & (named < 0))
        row = (nowhere if nowhere.size else no_name)[0]
        last = len(self.names) - 1 + self.first_index
        return (
            f"{where[row]}: no picture has the number {values[row]} in its name (they are "
            f"{min(self.by_name)} to {max(self.by_name)}), and as indices, {self.first_index} to "
            f"{last}, the numbers of the log do not fit either: {values[no_index[0]]} in "
            f"{where[no_index[0]].rpartition(', ')[2]}.{_BLANK}"
        )
