"""Chance: images permuted over response groups before cross-validation, all refitted."""

from __future__ import annotations

import numpy as np

from twophoton_decode.statistics.image_groups import ImageGroups


def permuted_images(
    content: np.ndarray, block: np.ndarray, permutations: int, seed: int
) -> np.ndarray:
    """Random assignments of images to response groups, shape (permutations, images).

    All presentations of an image keep together and get the same wrong image, so unequal
    repeats stay as they are. Images that show nearly the same move together, within blocks
    of the session: see `exchanged`.

    Parameters
    ----------
    content, block : ndarray of int, shape (images,)
        See `exchanged`; `block` as `shown_in_blocks` gives it.
    """
    generator = np.random.default_rng([seed, 1])
    orders = [exchanged(content, block, generator) for _ in range(permutations)]
    return np.array(orders, dtype=np.int64).reshape(permutations, len(content))


def exchanged(content: np.ndarray, block: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The image that takes the place of each, (images,), groups exchanged as a whole [ours].

    The images of a group get those of one other group, in turn: so the null has as many
    independent pictures as the data. Where all groups have one size this is a permutation;
    a larger group gets the pictures of a smaller one more than once.

    Parameters
    ----------
    content : ndarray of int, shape (images,)
        The group of each image, 0…groups-1.
    block : ndarray of int, shape (images,)
        Groups are exchanged within these only; a group lies in one.
    """
    groups = ImageGroups.of(content)
    place = np.arange(len(content)) - groups.start[groups.of_row]
    other = np.arange(len(groups.count))
    block_of = block[groups.order[groups.start]]
    for number in np.unique(block_of):
        members = np.flatnonzero(block_of == number)
        other[members] = members[rng.permutation(len(members))]
    taken = other[groups.of_row]
    order = np.empty(len(content), dtype=np.int64)
    order[groups.order] = groups.order[groups.start[taken] + place % groups.count[taken]]
    return order


def shown_in_blocks(image: np.ndarray, content: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The block of the session in which each image was shown, (images,), and what to say [ours].

    A block ends where every image shown so far will not be shown again, nor one of its
    group. Images that are alone in such a stretch, all repeats in a row, join the block
    before them: with them, exchanges within stretches would exchange nothing.

    Parameters
    ----------
    image : ndarray of int, shape (presentation,)
        In the order of presentation.
    content : ndarray of int, shape (images,)
        The group of each image.
    """
    shown = content[image]
    _, first = np.unique(shown, return_index=True)
    last = len(shown) - 1 - np.unique(shown[::-1], return_index=True)[1]
    # In order of their first presentation, a group opens a stretch if all before are over.
    order = np.argsort(first)
    over = np.concatenate([[-1], np.maximum.accumulate(last[order])[:-1]])
    stretch = np.cumsum(first[order] > over) - 1
    several = np.bincount(stretch) > 1
    number = np.cumsum(several, dtype=np.int64)
    # Images that were alone before the first such stretch are a block, a single one is not.
    if np.count_nonzero(number == 0) < 2:
        number -= 1
    block = np.empty(len(order), dtype=np.int64)
    block[order] = number.clip(min=0)[stretch]
    return block[content], _block_warning(block)


def _block_warning(block: np.ndarray) -> list[str]:
    blocks = int(block.max()) + 1
    if blocks < 2:
        return []
    return [
        f"the images were shown in {blocks} blocks, of {np.bincount(block).min()} to "
        f"{np.bincount(block).max()} images that differ; for chance they were permuted within "
        "blocks, so that what tells blocks apart does not count as decoding."
    ]
