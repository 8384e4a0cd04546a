"""Populations of one name across sessions, against other names."""

from types import SimpleNamespace

import numpy as np
import pytest

from twophoton_decode.deep.comparison.agreement import spearman
from twophoton_decode.deep.comparison.between_sessions import Recorded, named_agreement
from twophoton_decode.figures.deep.between_sessions import (
    between_sentences,
    is_one_pair,
    names_table,
    populations_between_sessions,
)
from twophoton_decode.pipeline.deep.between_sessions import _of_one_mouse
from twophoton_decode.records.deep.between_sessions import PopulationsBetweenSessions

NAME = np.array(["V1", "LM", "V1", "LM", "V1", "AL"])
SESSION = np.array([0, 0, 1, 1, 2, 2])


MANY = np.tile(["V1", "LM"], 6), np.repeat(np.arange(6), 2)


def rdms_of(rng, own, noise, name=NAME):
    """Dissimilarities that share a part between all, and `own` between those of one name."""
    shared, names = rng.normal(size=190), {}
    parts = [names.setdefault(each, rng.normal(size=190)) for each in name.tolist()]
    return shared + own * np.array(parts) + noise * rng.normal(size=(len(name), 190))


def record(named, name=NAME, session=SESSION, agreement=None):
    """What the command keeps of populations and of `named`."""
    return PopulationsBetweenSessions(
        population=name,
        session_of=session,
        reliability=np.full(len(name), 0.5),
        agreement=np.eye(len(name)) if agreement is None else agreement,
        session=np.array([f"s{each}" for each in range(session.max() + 1)]),
        mouse=np.array([f"m{each}" for each in range(session.max() + 1)]),
        name=np.array([each.name for each in named], dtype=str),
        sessions_with=np.array([each.sessions for each in named], dtype=np.int64),
        same=np.array([each.same for each in named]),
        other=np.array([each.other for each in named]),
        difference=np.array([each.difference for each in named]),
        difference_ci95=np.array([each.difference_ci95 for each in named]).reshape(-1, 2),
        picture_name=np.array(["a"] * 20),
        measure="crossnobis",
        resamples=200,
        seed=0,
        notes=[],
    )


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
        (told,) = between_sentences(record([found]))
        assert "interval unknown" in told
        assert told.endswith("that the name matters is not shown).")


def test_what_is_not_shown_is_said():
    rng = np.random.default_rng(1)
    (shown, _) = named_agreement(rdms_of(rng, 1.5, 0.1, MANY[0]), *MANY, 500, rng)
    assert 0.2 < shown.difference_ci95[0] < shown.difference < shown.difference_ci95[1]
    assert "not shown" not in between_sentences(record([shown]))[0]
    (none, _) = named_agreement(rdms_of(rng, 0.0, 1.0, MANY[0]), *MANY, 500, rng)
    assert none.difference_ci95[0] < 0 < none.difference_ci95[1]
    (told,) = between_sentences(record([none]))
    assert told.endswith("6 sessions; that the name matters is not shown).")


def test_a_name_in_one_session_has_nothing_to_be_compared_with():
    rng = np.random.default_rng(2)
    found = named_agreement(rng.normal(size=(2, 45)), np.array(["V1", "LM"]), np.arange(2), 50, rng)
    assert found == []


def test_areas_are_pooled_over_sessions_and_compared_between_them():
    rng = np.random.default_rng(4)
    rdms = rdms_of(rng, 1.0, 0.5)
    A = spearman(rdms, rdms)
    halves = np.array([[0.3, 0.7]] * 6)
    made = Recorded(NAME, SESSION, np.arange(10, 16), np.full(6, 0.4), halves, rdms)
    v1, _, al = made.areas()
    assert (v1.name, v1.cells, v1.rdms.shape) == ("V1", 10 + 12 + 14, (3, 190))
    assert v1.reliability == v1.ceiling[0] < v1.ceiling[1]
    # Of one session alone, reliability and ceiling are those of its halves of repeats.
    assert (al.cells, al.reliability, al.ceiling) == (15, 0.4, (0.3, 0.7))
    between = made.between_areas()
    assert between[0, 0] == pytest.approx(np.mean([A[0, 2], A[0, 4], A[2, 4]]))
    pairs = [A[0, 3], A[2, 1], A[4, 1], A[4, 3]]
    assert between[0, 1] == between[1, 0] == pytest.approx(np.mean(pairs))
    assert np.isnan(between[2, 2])
    assert between[2, 0] == pytest.approx(np.mean([A[5, 0], A[5, 2]]))


def test_the_figure_tells_every_pair_and_every_name():
    rng = np.random.default_rng(5)
    rdms = rdms_of(rng, 1.0, 0.5)
    named = named_agreement(rdms, NAME, SESSION, 50, rng)
    found = record(named, agreement=spearman(rdms, rdms))
    drawing = populations_between_sessions(found)
    assert drawing.table["population"][:2] == ["s0: V1", "s0: LM"]
    assert drawing.table["s2: AL"][0] == found.agreement[0, 5]
    np.testing.assert_equal(drawing.more["names"], names_table(found))
    assert "V1 agrees with V1 of other sessions at" in drawing.caption
    none = populations_between_sessions(record([]))
    assert "Names are not compared: that needs" in none.caption
    # Without names, no panel of them.
    assert [axes.get_title(loc="left") for axes in none.figure.axes].count("") == 1


def test_two_populations_are_a_sentence_and_no_figure():
    two = np.array(["V1", "V1"]), np.arange(2)
    found = record([], *two, np.array([[1, 0.55], [0.55, 1]]))
    assert is_one_pair(found)
    assert between_sentences(found)[0] == (
        "s0: V1 and s1: V1 agree at 0.55 (one pair of sessions: no interval)."
    )
    assert not is_one_pair(record([], np.array(["V1", "LM"]), np.array([0, 0])))
    assert not is_one_pair(record([], NAME, SESSION))


@pytest.mark.filterwarnings("error")
def test_populations_of_one_session_alone_leave_the_figure_without_pairs():
    found = record([], np.array(["V1", "LM"]), np.array([0, 0]))
    drawing = populations_between_sessions(found)
    told = [text.get_text() for axes in drawing.figure.axes for text in axes.texts]
    assert any("reliable populations" in text.replace("\n", " ") for text in told)


@pytest.mark.parametrize(("mice", "said"), [
    (("m1", "m2", "m1"), ["m1 (2)"]), (("m1", "m2", "m3"), []), (("", "", "m2"), []),
])  # fmt: skip
def test_sessions_of_one_mouse_are_named(mice, said):
    found = _of_one_mouse([SimpleNamespace(mouse=mouse) for mouse in mice])
    assert len(found) == len(said)
    assert all(each in note for each, note in zip(said, found, strict=True))
