"""Options that the deep commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from twophoton_decode.cli.options import as_stored

F = TypeVar("F", bound=Callable[..., Any])


def network_options(command: F) -> F:
    """``--network``, ``--weights`` and ``--device``."""
    return network_option(weight_options(command))


def weight_options(command: F) -> F:
    """``--weights`` and ``--device``."""
    command = click.option(
        "--device",
        type=click.Choice(["cpu", "cuda", "mps"]),
        help="Device on which networks compute. Saved to session.toml.",
    )(command)
    return click.option(
        "--weights",
        type=click.Path(exists=True),
        metavar="FILE|FOLDER",
        help="Look for weights here first. Saved to session.toml.",
    )(command)


def denoiser_options(command: F) -> F:
    """``--denoiser``, ``--weights`` and ``--device``."""
    return click.option(
        "--denoiser",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="Denoiser of `latent-diffusion`, which is left out without one. Saved to "
        "session.toml.",
    )(weight_options(command))


def training_options(command: F) -> F:
    """``--seed`` and ``--device`` of a training that belongs to no session."""
    command = click.option(
        "--device",
        type=click.Choice(["cpu", "cuda", "mps"]),
        default="cpu",
        show_default=True,
        help="Device on which networks compute.",
    )(command)
    return click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Of first weights and of every draw.",
    )(command)


def page_options(page: str, answers: str) -> Callable[[F], F]:
    """``-o`` for a page on which people answer, and ``--read`` for what they answered."""

    def both(command: F) -> F:
        command = click.option(
            "--read",
            "answers",
            multiple=True,
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="CSV",
            help=f"Read the {answers} of one person; may be repeated.",
        )(command)
        return click.option(
            "-o",
            "--output",
            "page",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="PAGE",
            help=page,
        )(command)

    return both


def refuse_both(page: Path | None, answers: tuple[Path, ...]) -> None:
    """`UsageError` unless one of the two of `page_options` was given."""
    from twophoton_decode.errors import UsageError

    if (page is None) == (not answers):
        raise UsageError("Give either -o PAGE or --read CSV.")


def network_option(command: F) -> F:
    """``--network`` alone, for commands over several sessions."""
    return click.option(
        "--network",
        "networks",
        multiple=True,
        metavar="NAME",
        callback=_well_named,
        help="Network, or NAME@random:SEED for random weights; may be repeated. "
        "`tpdecode weights list` names them. Without it: those of [deep] networks.",
    )(command)


def deep_settings(weights: str | None, device: str | None, session: Path) -> dict[str, Any]:
    """What the options set, for `working_on`; `DeviceError` where the device is not there."""
    if device is not None:
        from twophoton_decode.deep.device import device_of

        # A result that is there would be found unchanged, and the device saved unseen.
        device_of(device)
    return {
        "deep.weights": weights and as_stored(weights, session),
        "deep.device": device,
    }


def denoiser_settings(
    denoiser: str | None, weights: str | None, device: str | None, session: Path
) -> dict[str, Any]:
    """The same with the denoiser."""
    given = deep_settings(weights, device, session)
    return given | {"deep.denoiser": denoiser and as_stored(denoiser, session)}


def _well_named(
    context: click.Context, parameter: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    from twophoton_decode.deep.networks.named import architecture_of

    for name in names:
        architecture_of(name)
    return tuple(dict.fromkeys(names))
