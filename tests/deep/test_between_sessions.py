"""Populations of one name across sessions, against other names."""

import numpy as np
import pytest

from twophoton_decode.deep.comparison.agreement import spearman
from twophoton_decode.deep.comparison.between_sessions import named_agreement

NAME = np.array(["V1", "LM", "V1", "LM", "V1", "AL"])
SESSION = np.array([0, 0, 1, 1, 2, 2])


MANY = np.tile(["V1", "LM"], 6), np.repeat(np.arange(6), 2)


def rdms_of(rng, own, noise, name=NAME):
    """Dissimilarities that share a part between all, and `own` between those of one name."""
    shared, names = rng.normal(size=190), {}
    parts = [names.setdefault(each, rng.normal(size=190)) for each in name.tolist()]
    return shared + own * np.array(parts) + noise * rng.normal(size=(len(name), 190))


def test_means_are_over_pairs_of_different_sessions():
    rng = np.random.default_rng(0)
    rdms = rdms_of(rng, 1.0, 0.5)
    A = spearman(rdms, rdms)
    v1, lm = named_agreement(rdms, NAME, SESSION, 200, rng)
    assert (v1.name, v1.sessions, lm.name, lm.sessions) == ("V1", 3, "LM", 2)
    assert v1.same == pytest.approx(np.mean([A[0, 2], A[0, 4], A[2, 4]]))
    others = [A[0, 3], A[0, 5], A[2, 1], A[2, 5], A[4, 1], A[4, 3]]
    assert v1.other == pytest.approx(np.mean(others))


def test_few_sessions_have_no_interval_and_show_nothing():
    """Draws of two sessions are all alike: noise had an interval of no width."""
    rng = np.random.default_rng(3)
    for found in named_agreement(rdms_of(rng, 1.5, 0.1), NAME, SESSION, 200, rng):
        assert np.isnan(found.difference_ci95).all()
        assert "interval unknown" in found.sentence()
        assert found.sentence().endswith("that the name matters is not shown).")


def test_what_is_not_shown_is_said():
    rng = np.random.default_rng(1)
    (shown, _) = named_agreement(rdms_of(rng, 1.5, 0.1, MANY[0]), *MANY, 500, rng)
    assert 0.2 < shown.difference_ci95[0] < shown.difference < shown.difference_ci95[1]
    assert "not shown" not in shown.sentence()
    (none, _) = named_agreement(rdms_of(rng, 0.0, 1.0, MANY[0]), *MANY, 500, rng)
    assert none.difference_ci95[0] < 0 < none.difference_ci95[1]
    assert none.sentence().endswith("6 sessions; that the name matters is not shown).")


def test_a_name_in_one_session_has_nothing_to_be_compared_with():
    rng = np.random.default_rng(2)
    found = named_agreement(rng.normal(size=(2, 45)), np.array(["V1", "LM"]), np.arange(2), 50, rng)
    assert found == []
