"""A session written as an NWB file, which any reader of NWB opens and `read_nwb` reads again."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twophoton_decode import __version__
from twophoton_decode.errors import UsageError
from twophoton_decode.formats.nwb.export_results import Results, add_results
from twophoton_decode.formats.nwb.export_shown import PictureOf, add_shown
from twophoton_decode.formats.nwb.export_traces import add_traces
from twophoton_decode.formats.nwb.own import UNKNOWN
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Presentations, Traces

if TYPE_CHECKING:
    from pynwb import NWBFile

UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class About:
    """What the standard asks for and a session does not know.

    Attributes
    ----------
    start : datetime or None
        When the recording began; None: 1970, which the description says.
    mouse, species, sex, age : str
        The animal; age as ISO 8601 has it, ``P90D``.
    indicator, location : str
    pixel_um : float
        0: not known.
    """

    start: datetime | None = None
    mouse: str = ""
    species: str = ""
    sex: str = ""
    age: str = ""
    indicator: str = ""
    location: str = ""
    pixel_um: float = 0.0


@dataclass(frozen=True)
class Exported:
    """All that goes into a file; what a session does not have is None or empty."""

    about: About
    traces: Traces
    presentations: Presentations | None = None
    pictures: Mapping[str, PictureOf] = field(default_factory=dict)
    results: Results = field(default_factory=Results)
    settings: Mapping[str, Any] = field(default_factory=dict)


def require_pynwb() -> None:
    """`UsageError` where pynwb, which writes NWB files, is not installed."""
    try:
        import pynwb  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "NWB files are written by pynwb, which is not installed. Install it with: "
            'pip install "tpdecode[nwb]"'
        ) from error


def write_nwb(path: Path, exported: Exported, progress: Progress = silent) -> None:
    """Write `path`; signals are written a block of ROIs at a time.

    Times count from the beginning of the movie's first frame; samples are timed at the middle
    of their plane's frame.
    """
    from pynwb import NWBHDF5IO

    file = _described(exported.about)
    add_traces(file, exported.traces, exported.about, progress)
    if exported.presentations is not None:
        add_shown(file, exported.presentations, exported.pictures)
    add_results(file, exported.results, exported.settings)
    with warnings.catch_warnings():
        # The file has its own name only when it is whole.
        warnings.filterwarnings("ignore", message="The file path provided")
        with NWBHDF5IO(str(path), "w") as stream:
            stream.write(file)


def _described(about: About) -> NWBFile:
    from pynwb import NWBFile
    from pynwb.file import Subject

    unknown = " When the recording began is not known." if about.start is None else ""
    file = NWBFile(
        session_description="Two-photon calcium imaging, with responses to pictures and images "
        f"reconstructed from them, by tpdecode {__version__}.{unknown}",
        identifier=str(uuid.uuid4()),
        session_start_time=about.start or UNKNOWN_START,
        keywords=["two-photon calcium imaging", "visual decoding"],
        source_script=f"tpdecode {__version__}",
        source_script_file_name="tpdecode",
    )
    file.subject = Subject(
        subject_id=about.mouse or UNKNOWN,
        species=about.species or None,
        sex=about.sex or "U",
        age=about.age or None,
    )
    return file
