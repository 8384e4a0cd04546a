"""Errors of another package's decoder or feature space, told as its own."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from twophoton_decode.errors import ContractError, PlugInError, TpDecodeError
from twophoton_decode.registry import DECODERS, FEATURE_SPACES, PlugIn


@contextmanager
def running(decoder: str = "", features: str = "") -> Iterator[None]:
    """Errors of other packages' code are told as its own, with the method they came from.

    Of a decoder and a feature space that run together, the one that raised is named.

    Parameters
    ----------
    decoder, features : str
        Names of what runs, as their registries know them.

    Raises
    ------
    PlugInError
        The block failed, and one of the two belongs to another package.
    """
    try:
        yield
    except (TpDecodeError, MemoryError):
        raise
    except Exception as error:
        of_decoder = DECODERS.plugged_in(decoder)
        if isinstance(error, ContractError) and of_decoder:
            raise PlugInError(_breach(of_decoder, error)) from error
        both = [each for each in (of_decoder, FEATURE_SPACES.plugged_in(features)) if each]
        if isinstance(error, ContractError) or not both:
            raise
        raise PlugInError(_told(both, error)) from error


def _breach(plug_in: PlugIn, error: ContractError) -> str:
    return (
        f"{plug_in.told} does not keep to what a {plug_in.kind} promises: {error}. "
        "docs/extending.md says what that is."
    )


def _told(plug_ins: Sequence[PlugIn], error: Exception) -> str:
    what = f"{type(error).__name__}: {error}"
    # The frame nearest to the error comes first.
    steps = [step for step, _ in traceback.walk_tb(error.__traceback__)][::-1]
    lines = [line for _, line in traceback.walk_tb(error.__traceback__)][::-1]
    theirs = [at for at, step in enumerate(steps) if _owners(step, plug_ins)]
    if not theirs:
        each = " or ".join(one.told for one in plug_ins)
        return (
            f"{each} does not give what tpdecode needs ({what}). docs/extending.md says what a "
            f"{' or a '.join(one.kind for one in plug_ins)} has to have; `tpdecode --debug …` "
            "shows where it is missed."
        )
    step, line = steps[theirs[0]], lines[theirs[0]]
    blamed = _raised([steps[at] for at in theirs], plug_ins)
    code = step.f_code
    return (
        f"the {blamed.kind} {blamed.point.name!r} failed in {code.co_qualname} "
        f"({Path(code.co_filename).name}, line {line}): {what}. This is code of "
        f"{blamed.owner}, not of tpdecode; `tpdecode --debug …` shows every step."
    )


def _raised(steps: Sequence[FrameType], plug_ins: Sequence[PlugIn]) -> PlugIn:
    """The plug-in that the first step which tells them apart belongs to.

    Two of one package may share its functions: then a method of one of their classes, or else
    a function of one of their modules, further out tells whose turn it was.
    """
    for step in steps:
        for suspects in (_by_class(step, plug_ins), _owners(step, plug_ins)):
            if len(suspects) == 1:
                return suspects[0]
    return plug_ins[0]


def _owners(step: FrameType, plug_ins: Sequence[PlugIn]) -> list[PlugIn]:
    """Those whose package the step is in; if it is in the module of only one, that one."""
    module = str(step.f_globals.get("__name__", ""))
    found = [one for one in plug_ins if one.package == module.split(".")[0]]
    exact = [one for one in found if one.point.module == module]
    return exact if len(exact) == 1 else found


def _by_class(step: FrameType, plug_ins: Sequence[PlugIn]) -> list[PlugIn]:
    """Those a method of whose class the step is, inherited ones too."""
    own = step.f_locals.get("self", step.f_locals.get("cls"))
    kind = own if isinstance(own, type) else type(own)
    names = {(each.__module__, each.__qualname__) for each in kind.__mro__}
    return [one for one in plug_ins if (one.point.module, one.point.attr) in names]
