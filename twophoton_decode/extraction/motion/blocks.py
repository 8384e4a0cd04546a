"""Blocks of the field of view that are moved on their own."""

from __future__ import annotations

from twophoton_decode.errors import SettingsError
from twophoton_decode.settings import ExtractionSettings

_BLOCKS = (128, 96, 64, 48, 32)


def block_size(
    height: int, width: int, settings: ExtractionSettings
) -> tuple[tuple[int, int] | None, str]:
    """Sides of the blocks for non-rigid registration (None: rigid only), and what to note.

    suite2p needs at least two blocks along each side, so the largest of its usual sizes is
    taken that is at most half of it [ours].
    """
    if not settings.nonrigid:
        return None, ""
    wanted = settings.block_size_px
    if 0 < wanted < _BLOCKS[-1]:
        raise SettingsError(
            f"block_size_px = {wanted} is too small: the shift of a block is found from what it "
            f"shows. Set it to {_BLOCKS[-1]} or more, or to 0."
        )
    if wanted >= min(height, width):
        raise SettingsError(
            f"block_size_px = {wanted} leaves no room for two blocks in a field of view of "
            f"{height} x {width} px. Set it to {min(height, width) // 2} or less, or to 0."
        )
    if wanted:
        return (wanted, wanted), ""
    if min(height, width) < 2 * _BLOCKS[-1]:
        return None, (
            f"motion was corrected rigidly only: the field of view, {height} x {width} px, has no "
            f"room for blocks of {_BLOCKS[-1]} px"
        )
    rows, columns = (next(size for size in _BLOCKS if 2 * size <= side) for side in (height, width))
    if (rows, columns) == (_BLOCKS[0], _BLOCKS[0]):
        return (rows, columns), ""
    return (rows, columns), (
        f"non-rigid registration in blocks of {rows} x {columns} px, chosen for the field of view "
        f"of {height} x {width} px"
    )
