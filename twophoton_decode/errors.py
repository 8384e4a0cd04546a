"""What can go wrong, in words for the person at the keyboard.

A message states what was expected, what was found, where, and what to do. Errors are
raised where the fact is known and printed in one place, ``cli/main.py``.
"""

from __future__ import annotations

from difflib import get_close_matches


class TpDecodeError(Exception):
    """The run failed or the data are wrong; everything the program raises on purpose."""

    exit_code = 1


class UsageError(TpDecodeError):
    """The call is wrong: an option, a path, a name that does not exist."""

    exit_code = 2


class ArgumentError(UsageError, ValueError):
    """An argument of a wrong shape or value; a `UsageError`, and a ValueError too."""


class SettingsError(UsageError):
    """``session.toml`` is missing, unreadable, or holds a value that cannot be used."""


class UnknownNameError(UsageError):
    """A decoder, feature space or network that does not exist; `unlisted` are others that do."""

    def __init__(
        self,
        kind: str,
        name: str,
        known: tuple[str, ...],
        setting: str = "",
        unlisted: tuple[str, ...] = (),
    ) -> None:
        self.kind, self.name, self.known = kind, name, known
        where = f" ({setting})" if setting else ""
        near = get_close_matches(name, (*known, *unlisted), n=1, cutoff=0.75)
        super().__init__(
            f"no {kind} is called {name!r}{where}; known are {', '.join(known)}."
            + "".join(f" Did you mean {each!r}?" for each in near)
        )


class PlugInError(TpDecodeError):
    """A decoder or feature space of another package failed, or lacks what it has to have."""


class ContractError(Exception):
    """A plug-in does not keep its contract; `Registry.running` says whose it is."""


class MovieError(TpDecodeError):
    """A movie that cannot be read, or not without guessing."""


class StimulusLogError(TpDecodeError):
    """A stimulus log without the needed columns or with unusable rows."""


class StimulusImageError(TpDecodeError):
    """Stimulus images that are missing, unreadable, or of an unexpected size."""


class AlignmentError(TpDecodeError):
    """The stimulus log and the movie do not fit together."""


class ResponseError(TpDecodeError):
    """Responses that no decoder can be fitted to."""


class CellListError(TpDecodeError):
    """A list of ROIs that does not fit those of the session."""


class ExtractionError(TpDecodeError):
    """Motion correction, ROI detection or trace extraction failed."""


class AnalysisError(TpDecodeError):
    """An analysis that this recording does not allow, such as stability from one repeat."""


class WeightsError(TpDecodeError):
    """Weights of a network that are missing, damaged, of another network, or not safe to read."""


class TrainingError(TpDecodeError):
    """Training of a network that cannot go on, such as one whose loss is not a number."""


class DeviceError(TpDecodeError):
    """A device that was asked for and is not there, or has too little memory."""


class MissingExtraError(TpDecodeError):
    """The deep commands need packages that ``pip install tpdecode`` leaves out."""


class RecordError(TpDecodeError):
    """An array whose axes do not fit its record's declaration, or a damaged record file."""


class SessionError(TpDecodeError):
    """The session folder is not in the state that the command needs."""


class SessionLockedError(SessionError):
    """Another process works on the session."""
