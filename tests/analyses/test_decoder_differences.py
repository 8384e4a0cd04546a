"""Decoders against the best, image by image."""

from dataclasses import replace

import numpy as np
import pytest
from hand_made_records import random_recording

from twophoton_decode.analyses.sessions.decoders import decoder_differences, score_difference
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.paired import holm

IMAGES = 30


def decoders(lead=0.1, deletion=False):
    rng = np.random.default_rng(0)
    made = random_recording(rng, images=IMAGES, repeats=2, folds=5)[0]
    image = rng.normal(0.3, 0.2, IMAGES)
    different = made.fold[:, None] != made.fold
    found = {}
    for name, ahead in (("best", lead), ("second", 0.0), ("third", 0.0)):
        effect = np.where(different, 0.01 * rng.normal(size=(IMAGES, IMAGES)), np.nan)
        found[name] = replace(
            made,
            r_average=image + ahead + 0.02 * rng.normal(size=IMAGES),
            deletion_average=effect if deletion else None,
        )
    return found


def test_the_pairing_removes_the_spread_over_images():
    given = decoders()
    found = decoder_differences(given, "best", "r_average")
    assert list(found) == ["second", "third"]
    gap = given["second"].r_average - given["best"].r_average
    assert found["second"].mean == pytest.approx(gap.mean())
    assert found["second"].interval == pytest.approx(mean_score(gap).interval)
    low, high = found["second"].interval
    assert low < found["second"].mean < high < 0
    assert high - low < 0.03


def test_p_is_corrected_over_all_pairs():
    given = decoders(lead=0.015)
    pairs = [("best", "second"), ("best", "third"), ("second", "third")]
    p = [mean_score(given[a].r_average - given[b].r_average).p for a, b in pairs]
    found = decoder_differences(given, "best", "r_average")
    expected = holm(np.array(p))
    assert (found["second"].p_holm, found["third"].p_holm) == pytest.approx(tuple(expected[:2]))


def test_deletion_effects_of_both_are_subtracted():
    given = decoders(deletion=True)
    a, b = given["best"], given["second"]
    expected = mean_score(a.r_average - b.r_average, a.deletion_average - b.deletion_average)
    assert score_difference(a, b, "r_average") == expected
    assert expected.widening != pytest.approx(np.sqrt(2))
    # Single trials have no effects here, and other scores never do.
    assert score_difference(a, b, "r_single").widening == pytest.approx(np.sqrt(2))
    assert score_difference(a, b, "ssim").widening == pytest.approx(np.sqrt(2))


def test_the_sign_does_not_depend_on_the_order_of_decoders():
    given = decoders(deletion=True)
    found = decoder_differences(given, "third", "r_average")
    assert list(found) == ["best", "second"]
    back = decoder_differences(dict(reversed(given.items())), "third", "r_average")
    for name, each in found.items():
        assert each.mean == pytest.approx(back[name].mean)
        assert each.interval == pytest.approx(back[name].interval)


def test_equal_decoders_do_not_differ():
    made = decoders()["best"]
    found = decoder_differences({"a": made, "b": made}, "a", "r_average")["b"]
    assert (found.mean, found.interval, found.p_holm) == (0.0, (0.0, 0.0), 1.0)


def test_one_decoder_has_nothing_to_be_compared_with():
    assert decoder_differences({"a": decoders()["best"]}, "a", "r_average") == {}
