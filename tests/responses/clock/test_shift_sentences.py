import math
from functools import partial

import numpy as np
import pytest

from twophoton_decode.responses.clock.sentences import remedy_in_log, said_of_shift
from twophoton_decode.settings.log import LogSettings

ONSETS = np.arange(4.0, 604.0, 2.0)


def remedy(stretch, log=None, in_frames=False, zero_s=0.0, rate_hz=0.0):
    return remedy_in_log(
        stretch, log or LogSettings(), in_frames=in_frames, zero_s=zero_s, rate_hz=rate_hz
    )


def said(per_min, ci95, **options):
    (sentence,) = said_of_shift(per_min, ci95, ONSETS, partial(remedy, **options))
    return sentence


def test_a_fast_stimulus_clock_is_named_with_the_factor_that_fits():
    assert said(-0.06, (-0.068, -0.052)) == (
        "warning: responses come 0.06 s earlier after the onsets every minute (95 % interval 0.052 "
        "to 0.068 s), 0.6 s over the session. The stimulus clock runs 0.1 % fast against the "
        "movie's: clock_factor = 0.999 under [log] in session.toml would fit."
    )


def test_a_slow_clock_gets_a_factor_above_one():
    assert "0.06 s later" in said(0.06, (0.05, 0.07))
    assert "runs 0.1 % slow" in remedy(0.001)
    assert "clock_factor = 1.001 under" in remedy(0.001)


def test_a_shift_that_changes_nothing_is_no_warning():
    assert said(0.006, (0.005, 0.007)).startswith("responses keep their delay")
    assert said(0.06, (-0.01, 0.13)).startswith("responses keep their delay")
    assert "cannot" not in said(0.06, (-0.01, 0.13))


def test_what_cannot_be_told_is_said():
    assert "do not repeat clearly enough" in said(math.nan, (math.nan, math.nan))


@pytest.mark.parametrize(
    ("log", "zero_s", "words"),
    [
        ({"clock_factor": 2.0}, 0.0, "clock_factor = 2.002 under"),
        ({"onset_offset_s": -900.0}, 0.0, "clock_factor = 1.001 and onset_offset_s = -900.9 under"),
        ({}, 50.0, "clock_factor = 1.001 and onset_offset_s = -0.05 under"),
        (
            {"order": "blocks", "block_starts_s": [0.0, 300.0]},
            0.0,
            "clock_factor = 1.001 and block_starts_s = [0, 300.3] under",
        ),
    ],
)
def test_other_settings_of_the_clock_go_along(log, zero_s, words):
    assert words in remedy(0.001, LogSettings(**log), zero_s=zero_s)


def test_a_rate_that_nothing_checks_may_be_wrong_instead():
    assert "then set it to 15.6156 in [recording]" in remedy(0.001, rate_hz=15.6)


def test_onsets_in_frames_have_no_clock():
    assert "look for frames missing from" in remedy(0.001, in_frames=True)
    assert "clock_factor" not in remedy(0.001, in_frames=True)
