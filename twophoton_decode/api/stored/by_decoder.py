"""Records that a session has once for each decoder, or network."""

from __future__ import annotations

from collections.abc import Iterator

from twophoton_decode.api.stored.record import StoredRecord
from twophoton_decode.api.stored.record_files import RecordFiles


class ByDecoder:
    """Records by the name of the decoder or network; iterating gives the names that are there."""

    def __init__(self, records: RecordFiles, name: str) -> None:
        self._records, self._name = records, name

    def __getitem__(self, decoder: str) -> StoredRecord:
        """The record; the error names the command that makes it, or the decoders there are."""
        return self._records.read(self._name, decoder)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, decoder: object) -> bool:
        return decoder in self.keys()

    def keys(self) -> list[str]:
        """The decoders or networks whose record is there."""
        return self._records.decoders(self._name)

    def items(self) -> Iterator[tuple[str, StoredRecord]]:
        """Each decoder with its record."""
        return ((decoder, self[decoder]) for decoder in self)

    def __repr__(self) -> str:
        return f"{self._name} of {', '.join(self) or 'none yet'}"
