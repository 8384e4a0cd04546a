"""A session in Python: its records, figures, settings, and running its stages."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twophoton_decode.api.changes import change_setting, run_stages
from twophoton_decode.api.figure import Figure, figures_of
from twophoton_decode.api.status import Status
from twophoton_decode.api.stored.by_decoder import ByDecoder
from twophoton_decode.api.stored.read_only import ReadOnly
from twophoton_decode.api.stored.record import StoredRecord
from twophoton_decode.api.stored.record_files import PER_NAME, SINGLE, RecordFiles
from twophoton_decode.errors import ArgumentError
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings

if TYPE_CHECKING:
    import xarray


def open(path: str | PathLike[str]) -> Session:
    """Open a session folder, made by ``tpdecode init``, ``tpdecode import`` or `tp.simulate`.

    Parameters
    ----------
    path : str or path
        The folder that holds ``session.toml``.

    Returns
    -------
    Session

    Raises
    ------
    UsageError
        There is no such folder, or it is no session.
    SettingsError
        ``session.toml`` holds a value that cannot be used.

    Examples
    --------
    >>> session = tp.open("population")
    >>> session.responses.response.shape
    (64, 30)
    """
    return Session(path)


class Session(ReadOnly):
    """One experiment: a folder with settings, records, figures and a report.

    Nothing is read before it is asked for, and only `run` and `set` write. Records are read
    again when a run has replaced them.

    Attributes
    ----------
    path : Path
        The folder.
    traces, quality, responses, encoding, recovery, representation, inversion : StoredRecord
        Records that the session has once.
    generated, components, dim_cells : StoredRecord
        Generators without the brain; what codes and contents stand for; dim cells found.
    responses_in_bins : StoredRecord
        Responses in time bins, where ``time_bins_s`` names any.
    frame_responses, movie_decoding : StoredRecord
        Of sessions whose stimuli are clips.
    reconstruction, cell_count, stability, complementarity : mapping of str to StoredRecord
        Records that it has once for each decoder, ``session.reconstruction["ridge"]``.
    learning_curve : mapping of str to StoredRecord
        Scores of each decoder after training on fewer images.
    picture_scores : mapping of str to StoredRecord
        How reconstructions score in pixels and in the layers of each network.
    network_features, layer_decoding, attention, completion : mapping of str to StoredRecord
        Records that it has once for each network, ``session.layer_decoding["alexnet@random:0"]``.

    Parameters
    ----------
    path : str or path
        The folder that holds ``session.toml``; see `tp.open`.

    Examples
    --------
    >>> session = tp.open("population")
    >>> list(session.reconstruction)
    ['ridge']
    >>> session.reconstruction["ridge"].r_average.shape
    (16,)
    """

    traces: StoredRecord
    quality: StoredRecord
    responses: StoredRecord
    encoding: StoredRecord
    recovery: StoredRecord
    representation: StoredRecord
    inversion: StoredRecord
    generated: StoredRecord
    components: StoredRecord
    dim_cells: StoredRecord
    responses_in_bins: StoredRecord
    frame_responses: StoredRecord
    movie_decoding: StoredRecord
    reconstruction: ByDecoder
    cell_count: ByDecoder
    stability: ByDecoder
    complementarity: ByDecoder
    network_features: ByDecoder
    layer_decoding: ByDecoder
    picture_scores: ByDecoder
    learning_curve: ByDecoder
    attention: ByDecoder
    completion: ByDecoder

    def __init__(self, path: str | PathLike[str]) -> None:
        place = Path(path)
        if place.is_file():
            raise ArgumentError(
                f"{place} is a file; open the folder that holds session.toml, such as "
                f"{place.parent}."
            )
        folder = SessionFolder.open(place)
        folder.settings()
        self._path, self._records = place, RecordFiles(folder)

    def __getattr__(self, name: str) -> Any:
        if name in SINGLE:
            return self._records.read(name)
        if name in PER_NAME:
            return ByDecoder(self._records, name)
        raise AttributeError(f"a session has no {name!r}.", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *SINGLE, *PER_NAME])

    @property
    def path(self) -> Path:
        """The session's folder."""
        return self._path

    @property
    def _folder(self) -> SessionFolder:
        """The folder, which may have been moved since the session was opened."""
        return SessionFolder.open(self._path)

    def dff(self, rois: int | Sequence[int] | None = None) -> xarray.DataArray:
        """ΔF/F of ROIs, with neuropil, baseline, level without light and times as the settings say.

        Parameters
        ----------
        rois : int or several of them, optional
            Numbers of ROIs; by default those that are cells. Only these are read.

        Returns
        -------
        xarray.DataArray, axes roi and frame
            In ΔF/F, with the coordinates `roi`, `usable` and `time_s`; NaN for ROIs that are
            not usable, as their baseline is not safely above zero.

        Raises
        ------
        SessionError
            The session has no traces, or not yet.
        UsageError
            There is no ROI of that number.
        """
        from twophoton_decode.api.signals import dff_of_rois

        return dff_of_rois(self._records.traces(), rois, self.settings)

    @property
    def settings(self) -> Settings:
        """The settings as ``session.toml`` has them now; change one with `set`.

        Examples
        --------
        >>> session.settings.decoding.features
        'gabor'
        """
        return self._folder.settings()

    def set(self, key: str, value: Any) -> None:
        """Change a setting in ``session.toml`` and keep its comments.

        Parameters
        ----------
        key : str
            Section and key, such as ``"decoding.features"``.
        value : object
            What it is to be.

        Raises
        ------
        SettingsError
            There is no such setting, or it cannot have this value; nothing is written.

        Examples
        --------
        >>> session.set("decoding.permutations", 100)
        >>> session.status()["reconstruct:ridge"].changes
        ('setting decoding.permutations changed',)
        """
        change_setting(self._folder, key, value)

    @property
    def summary(self) -> dict[str, Any]:
        """The headline numbers of every stage, as in ``summary.json``; None where undefined.

        Examples
        --------
        >>> sorted(session.summary["reconstruct"])
        ['ridge']
        """
        from twophoton_decode.pipeline.summary import read_summary

        return read_summary(self._folder, lambda line: warnings.warn(line, stacklevel=4))

    def status(self) -> Status:
        """Which results are fresh, stale, missing or unavailable, and why.

        Examples
        --------
        >>> session.status()["respond"].state
        'fresh'
        """
        from twophoton_decode.pipeline.run import Session as Runner

        return Status(Runner(self._folder).verdicts(read_only=True))

    def run(
        self,
        *stages: str,
        decoders: str | Iterable[str] = (),
        networks: str | Iterable[str] = (),
        say: Callable[[str], None] | None = print,
    ) -> None:
        """Run stages that are not fresh: all of them, or those that are named.

        Parameters
        ----------
        *stages : str
            Such as ``"reconstruct"``, in this order; without any, the whole chain to the report.
            After reconstruct, the decoders that were run are compared.
        decoders : str or several of them
            Only these; by default those of ``[run] decoders`` in the settings.
        networks : str or several of them
            For stages such as ``"deep-decode"``; by default those of ``[deep] networks``.
        say : callable or None
            Gets each line of what is done and what must be known: `print`, a logger's method,
            or None for silence.

        Raises
        ------
        UnknownNameError
            Nobody registered a decoder of that name, or no network is called so.
        SessionError
            The session has no such stage, or the stages before it have not run.
        SessionLockedError
            Another process works on the session.
        AnalysisError
            The data do not allow a stage that was named.

        Examples
        --------
        >>> session.run("reconstruct", decoders="ridge")
        reconstruct:ridge: unchanged, nothing to do
        ...
        """
        run_stages(self._folder, stages, decoders, say, networks)

    @property
    def figures(self) -> list[str]:
        """The names of the figures that are there.

        Examples
        --------
        >>> "responsiveness" in session.figures
        True
        """
        return sorted(figures_of(self._folder))

    def figure(self, name: str) -> Figure:
        """A figure by its name; a notebook shows it.

        Parameters
        ----------
        name : str
            One of `figures`.

        Raises
        ------
        UsageError
            There is no such figure; the message lists those there are.

        Examples
        --------
        >>> session.figure("responsiveness").png.name
        'responsiveness.png'
        """
        found = figures_of(self._folder)
        if name not in found:
            there = ", ".join(sorted(found)) or "none"
            raise ArgumentError(
                f"{self.path} has no figure {name!r}; it has: {there}. "
                f"`session.run()` or `tpdecode run {self.path}` draws those of every stage."
            )
        return found[name]

    def __repr__(self) -> str:
        if not (self.path / "session.toml").is_file():
            return f"Session {self.path} (the folder is gone)"
        told = {name: self._records.told(name) for name in (*SINGLE, *PER_NAME)}
        told["figures"] = str(len(figures_of(self._folder)))
        lines = [f"  {name:<17}{what}" for name, what in told.items() if what is not None]
        return "\n".join([f"Session {self.path} ({self.settings.source.kind})", *lines])
