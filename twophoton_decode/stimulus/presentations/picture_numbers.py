"""What a number that refers to a picture means: the number in its name, or its index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import SettingsError
from twophoton_decode.stimulus.presentations.wording import LOG, Wording


def numbers_in_names(stems: Sequence[str]) -> list[dict[int, int]]:
    """Picture by the number in its name, for each place in the names that tells them apart.

    A place is the first, second, … number from the front or from the back. It counts where
    every name has it and no two pictures share it: ``cat_1_v1``, ``dog_2_v1`` have one such
    place, ``a1_b4``, ``a2_b3`` two, ``owl``, ``fox`` none.
    """
    parts = [[int(digits) for digits in re.findall(r"[0-9]{1,18}", stem)] for stem in stems]
    places = range(min((len(each) for each in parts), default=0))
    columns = [[each[at] for each in parts] for place in places for at in (place, -1 - place)]
    unique = dict.fromkeys(tuple(each) for each in columns if len(set(each)) == len(each))
    return [{number: picture for picture, number in enumerate(each)} for each in unique]


@dataclass(frozen=True)
class PictureNumbers:
    """How whole numbers are read that refer to pictures.

    Attributes
    ----------
    names : list of str
        Names of the pictures, in the order of indices.
    in_names : list of dict
        As `numbers_in_names` returns it.
    setting : str
        ``picture_numbers`` of the settings: auto, index or name.
    first_index : int
        The index of the first picture.
    wording : Wording
        What messages call the numbers.
    """

    names: list[str]
    in_names: list[dict[int, int]]
    setting: str
    first_index: int
    wording: Wording = LOG

    def indices(self, values: np.ndarray, where: Sequence[str]) -> tuple[np.ndarray, list[str]]:
        """Index of the picture that each number means, and what is to be said about it.

        Numbers that are all in the names of pictures mean those pictures, unless indices
        count from 1 by the settings and all fit. Else they are indices.

        Raises
        ------
        TpDecodeError
            As `wording` says: a number without a picture, or numbers that stand for other
            pictures at one place of the names than at another.
        SettingsError
            Numbers are to be those in the names, which have none that tells them apart.
        """
        index = values - self.first_index
        fits = (index >= 0) & (index < len(self.names))
        readings = self._by_names(values)
        named = next(iter(readings), None)
        if self.setting == "name" and named is None:
            raise self._no_name(values, where)
        counts = self.setting == "auto" and self.first_index == 1 and fits.all()
        by_index = self.setting == "index" or counts or not self.in_names
        if by_index or (named is None and fits.all()):
            self._refuse_outside(values, fits, where)
            return index, self._index_notes(values, index)
        if named is None:
            raise self._neither(values, fits, where)
        self._refuse_two_places(values, readings, where)
        return named, self._name_notes(values, named, index, fits)

    def _by_names(self, values: np.ndarray) -> list[np.ndarray]:
        """The pictures by each place in the names that has all of the numbers, without doubles."""
        wanted = set(values.tolist())
        found = [each for each in self.in_names if wanted <= each.keys()]
        readings = [np.array([each[value] for value in values.tolist()], int) for each in found]
        return list({each.tobytes(): each for each in readings}.values())

    def _index_notes(self, values: np.ndarray, index: np.ndarray) -> list[str]:
        """What is odd about indices: other pictures by names, or a picture 0 that never comes."""
        if self.setting == "index":
            return []
        for by_number in self.in_names:
            named = np.array([by_number.get(value, -1) for value in values.tolist()])
            other = np.flatnonzero((named >= 0) & (named != index))
            if other.size:
                row = other[0]
                said = (
                    f"{self.wording.numbers} are read as indices from {self.first_index}: "
                    f"{values[row]} is {self.names[index[row]]!r}, not {self.names[named[row]]!r}."
                )
                all_named = (named >= 0).all()
                way_out = f" If that is meant, {self.wording.read_by('name')}."
                return [said + way_out * bool(all_named)]
        if self.first_index == 0 and values.size and values.min() == 1 and len(self.names) > 1:
            return [
                f"{self.wording.numbers} are read as indices from 0, and none is 0: the first "
                f"picture is never shown. If they count from 1, {self.wording.from_one}."
            ]
        return []

    def _name_notes(
        self, values: np.ndarray, named: np.ndarray, index: np.ndarray, fits: np.ndarray
    ) -> list[str]:
        """How numbers in names were read, where indices would give other pictures."""
        other = np.flatnonzero(fits & (index != named))
        if not other.size or self.setting == "name":
            return []
        row = other[0]
        said = (
            f"{self.wording.numbers} are read as the numbers in the pictures' names: {values[row]} "
            f"is {self.names[named[row]]!r}"
        )
        if not fits.all():
            return [f"{said}."]
        return [
            f"{said}, not {self.names[index[row]]!r}, which has the index {values[row]} counted "
            f"from {self.first_index}. If that is meant, {self.wording.read_by('index')}."
        ]

    def _refuse_outside(self, values: np.ndarray, fits: np.ndarray, where: Sequence[str]) -> None:
        outside = np.flatnonzero(~fits)
        if not outside.size:
            return
        count, first = len(self.names), self.first_index
        value = values[outside[0]]
        hint = self._if_from_one(values) or self.wording.no_picture * bool(value < first)
        raise self.wording.error(
            f"{where[outside[0]]}: the image index is {value}, but the {count} pictures have the "
            f"indices {first} to {count - 1 + first}. {hint}".rstrip()
        )

    def _if_from_one(self, values: np.ndarray) -> str:
        """The way out where the numbers run up to the count of pictures; else empty."""
        runs = self.first_index == 0 and values.min() > 0 and values.max() == len(self.names)
        return f"If they count from 1, {self.wording.from_one}." if runs else ""

    def _refuse_two_places(
        self, values: np.ndarray, readings: list[np.ndarray], where: Sequence[str]
    ) -> None:
        """Two numbers in each name tell the pictures apart, and nothing decides between them."""
        if len(readings) == 1:
            return
        one, other = readings[:2]
        row = np.flatnonzero(one != other)[0]
        raise self.wording.error(
            f"{where[row]}: the image {values[row]} can be {self.names[one[row]]!r} or "
            f"{self.names[other[row]]!r}, as both names hold this number. Write names instead of "
            f"numbers; or, if they are indices, {self.wording.read_by('index')} (counted from 0), "
            f"or {self.wording.from_one}."
        )

    def _no_name(self, values: np.ndarray, where: Sequence[str]) -> Exception:
        if not self.in_names:
            return SettingsError(
                'picture_numbers = "name" under [log], but the names of the pictures, such as '
                f"{self.names[0]!r}, do not hold one number each that tells them apart."
            )
        known = self.in_names[0]
        row = next(row for row, value in enumerate(values.tolist()) if value not in known)
        return self.wording.error(
            f"{where[row]}: no picture has the number {values[row]} in its name; the numbers are "
            f"{min(known)} to {max(known)}."
        )

    def _neither(self, values: np.ndarray, fits: np.ndarray, where: Sequence[str]) -> Exception:
        """The first number that is neither, or else one for each reading that it rules out."""
        known = self.in_names[0]
        unnamed = np.array([value not in known for value in values.tolist()])
        both = np.flatnonzero(~fits & unnamed)
        row = both[0] if both.size else np.flatnonzero(unnamed)[0]
        no_index = row if both.size else np.flatnonzero(~fits)[0]
        also = "" if both.size else f": {values[no_index]} in {where[no_index].rpartition(', ')[2]}"
        last = len(self.names) - 1 + self.first_index
        hint = self._if_from_one(values) or self.wording.no_picture
        return self.wording.error(
            f"{where[row]}: no picture has the number {values[row]} in its name (they are "
            f"{min(known)} to {max(known)}), and as indices, {self.first_index} to {last}, the "
            f"numbers do not fit either{also}. {hint}".rstrip()
        )
