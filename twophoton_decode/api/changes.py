"""What writes into a session: a changed setting, and running stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from twophoton_decode.errors import ArgumentError, SettingsError, UnknownNameError
from twophoton_decode.registry import DECODERS, FEATURE_SPACES
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.lock import locked
from twophoton_decode.settings import Settings

_NAMES = {"decoding.features": FEATURE_SPACES, "run.decoders": DECODERS}
"""Settings whose values are names that somebody registered."""


def change_setting(folder: SessionFolder, key: str, value: Any) -> None:
    """Set ``section.key``; see `Session.set`."""
    from twophoton_decode.session.settings.file import change_setting

    section, dot, name = key.partition(".")
    if not dot or section not in Settings.model_fields:
        raise ArgumentError(
            f"{key!r} names no setting: expected SECTION.KEY, such as 'decoding.features'. "
            f"Sections: {', '.join(Settings.model_fields)}."
        )
    _require_known_names(key, value)
    with locked(folder.private):
        change_setting(folder.settings_file, section, name, value)


def _require_known_names(key: str, value: Any) -> None:
    """A misspelt decoder or feature space is found before anything is written."""
    if key not in _NAMES:
        return
    for name in value if isinstance(value, list | tuple) else [value]:
        try:
            if isinstance(name, str):
                _NAMES[key].require(name)
        except UnknownNameError as error:
            raise SettingsError(f"{key} cannot be {value!r}: {error}") from error


def require_network(name: str) -> None:
    """`UnknownNameError` where no network is called so."""
    from twophoton_decode.deep.networks.named import architecture_of

    architecture_of(name)


def run_stages(
    folder: SessionFolder,
    stages: tuple[str, ...],
    decoders: str | Iterable[str],
    say: Callable[[str], None] | None,
    networks: str | Iterable[str] = (),
) -> None:
    """Run what is not fresh, all of it where no stage is named; see `Session.run`."""
    from twophoton_decode.pipeline.run import Session

    names = (decoders,) if isinstance(decoders, str) else tuple(decoders)
    for name in names:
        DECODERS.require(name)
    layers = (networks,) if isinstance(networks, str) else tuple(networks)
    for name in layers:
        require_network(name)
    with locked(folder.private):
        session = Session(folder, say=say or (lambda line: None))
        session.ledger.mend()
        for stage in stages:
            if stage == "reconstruct":
                session.run_reconstruct(names)
            elif stage.startswith("deep-"):
                session.run_deep(stage, layers, names)
            else:
                session.run_only(stage, names)
        if not stages:
            session.run(names)
