"""Dim cells: pictures, candidates, context, the detector that is shipped, and activity."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from tests.deep.planted_plane import RADIUS, SIDE, discs, grid, planted_movie
from twophoton_decode.deep.microscope.context import shipped
from twophoton_decode.deep.microscope.context.activity import empty_places
from twophoton_decode.deep.microscope.context.candidates import SOURCES, find_candidates, zoom_for
from twophoton_decode.deep.microscope.context.detector import detector
from twophoton_decode.deep.microscope.context.fields import CLEAR, DIM, draw_field
from twophoton_decode.deep.microscope.context.heads import ATTENTION
from twophoton_decode.deep.microscope.context.judge import (
    PlaneRois,
    judge_plane,
    usable_attention,
)
from twophoton_decode.deep.microscope.context.learning import turned
from twophoton_decode.deep.microscope.context.normalised import normalised
from twophoton_decode.deep.microscope.context.pictures import BinnedMovie, plane_pictures
from twophoton_decode.errors import AnalysisError, WeightsError
from twophoton_decode.settings import DimCellSettings

VIEW = (slice(0, SIDE), slice(0, SIDE))
NONE = np.empty((0, 2))


def movie_in(tmp_path, frames, width=1, seen=VIEW):
    frames.tofile(tmp_path / "data.bin")
    return BinnedMovie(tmp_path / "data.bin", frames.shape[1:], width, seen)


def rois_at(cells, rejected=()):
    masks = [np.flatnonzero(mask) for mask in discs([*cells, *rejected])]
    is_cell = np.arange(len(masks)) < len(cells)
    return PlaneRois(np.array([*cells, *rejected], float).reshape(-1, 2), masks, is_cell)


def test_normalised_pictures_do_not_depend_on_gain_and_offset():
    rng = np.random.default_rng(0)
    picture = rng.normal(size=(1, 80, 90))
    picture[0, 30:36, 40:46] += 6
    same = normalised(1000 + 37 * picture)
    np.testing.assert_allclose(same, normalised(picture), atol=1e-4)
    assert same[0, 30:36, 40:46].mean() > 1
    picture[0, :5] = np.nan
    assert not normalised(picture)[0, :5].any()
    assert not normalised(np.full((1, 8, 8), np.nan)).any()


def test_pictures_tell_a_flickering_place_from_a_bright_one(tmp_path):
    rng = np.random.default_rng(0)
    frames = rng.normal(300, 10, (150, SIDE, SIDE))
    flicker, bright = discs([(30, 30), (60, 60)])
    frames[:, flicker] += 40 * (rng.random((150, 1)) < 0.2)
    frames[:, bright] += 60
    found = plane_pictures(movie_in(tmp_path, frames.astype(np.int16)))
    mean, largest, correlation = found.picture
    assert mean[bright].mean() > mean[flicker].mean() + 30
    assert largest[flicker].mean() > 2 * largest[bright].mean()
    assert correlation[flicker].mean() > 0.5
    assert abs(correlation[bright].mean()) < 0.1
    assert not found.saturated.any()


def test_candidates_are_spots_and_rejected_rois_away_from_cells():
    picture = np.zeros((3, SIDE, SIDE))
    for channel, centre in ((0, (20, 20)), (2, (21, 21)), (1, (70, 30)), (0, (50, 80))):
        picture[channel][discs([centre])[0]] = 2
    found = find_candidates(picture, RADIUS, np.array([[50.0, 80.0]]), np.array([[70.0, 32.0]]))
    named = {tuple(c.round(-1)): set(np.array(SOURCES)[s]) for c, s in zip(
        found.centre, found.source, strict=True)}  # fmt: skip
    assert named == {(20, 20): {"mean", "correlation"}, (70, 30): {"maximum", "rejected"}}
    assert zoom_for(5.0) == 1
    assert zoom_for(20.0) == 0.25


def test_second_stages_have_equal_numbers_of_parameters():
    stages = detector().roi_heads.stages
    sizes = {sum(p.numel() for p in stages[name].parameters()) for name in ATTENTION}
    assert len(sizes) == 1


def test_without_enough_clear_cells_there_is_no_context():
    assert usable_attention("self", 8) == ("self", [])
    assert usable_attention("none", 0) == ("none", [])
    attention, (note,) = usable_attention("lambda", 7)
    assert attention == "none"
    assert note.startswith("no context here: 7 clear cells, and 8 are needed")


def test_a_turned_field_shows_the_same_under_its_boxes():
    rng = np.random.default_rng(3)
    field = draw_field(rng)
    for _ in range(4):
        other = turned(field, rng)
        for one, two in zip(field.box[:6], other.box[:6], strict=True):
            assert abs(under(field, one).mean() - under(other, two).mean()) < 0.15


def under(field, box):
    left, top, right, bottom = np.clip(box, 0, field.picture.shape[1]).astype(int)
    return field.picture[0, top:bottom, left:right]


def shipped_auc(attention, fields, foreign=False):
    is_cell, score = [], []
    model = shipped.shipped_detector()
    for number, field in enumerate(fields):
        other = fields[number - 1]
        context = (torch.from_numpy(other.picture), torch.from_numpy(other.box))
        found = model.judge(
            attention, torch.from_numpy(field.picture), torch.from_numpy(field.box),
            context if foreign else None,
        )  # fmt: skip
        asked = field.kind != CLEAR
        is_cell.append(field.kind[asked] == DIM)
        score.append(found.numpy()[asked])
    return roc_auc_score(np.concatenate(is_cell), np.concatenate(score))


def test_the_shipped_detector_uses_the_context_of_its_own_field():
    rng = np.random.default_rng(12345)
    fields = [draw_field(rng) for _ in range(16)]
    alone = shipped_auc("none", fields)
    for attention in ("self", "source-target"):
        assert shipped_auc(attention, fields) > max(0.8, alone + 0.1)
        assert shipped_auc(attention, fields, foreign=True) < alone + 0.12


def test_a_changed_file_of_weights_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "field_detector.npz"
    file.write_bytes(shipped.FILE.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(shipped, "FILE", file)
    shipped.shipped_detector.cache_clear()
    with pytest.raises(WeightsError, match="not the file that was shipped"):
        shipped.shipped_detector()
    file.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        shipped.shipped_detector()
    monkeypatch.undo()
    shipped.shipped_detector.cache_clear()


def test_empty_places_keep_off_what_is_busy_and_out_of_view():
    busy = np.zeros((60, 60), bool)
    busy[:, 30:] = True
    found = empty_places(busy, (slice(0, 40), slice(0, 60)), 4.0, 500, np.random.default_rng(0))
    assert 0 < len(found) <= 500
    assert found[:, 1].max() <= 25
    assert found[:, 0].max() <= 35
    assert found.min() >= 4


def test_only_active_candidates_count(tmp_path):
    places = grid(20)
    clear, active, silent = places[:10], places[10:15], places[15:]
    movie = movie_in(tmp_path, planted_movie(clear, active, silent))
    settings = DimCellSettings(minimum_probability=1e-6)
    found = judge_plane(movie, rois_at(clear, [*active, *silent]), settings)
    near = np.linalg.norm(found.candidates.centre[:, None] - active[None], axis=2).min(axis=1) < 4
    assert np.count_nonzero(found.active & near) >= 4
    assert np.count_nonzero(found.active & ~near) <= 1
    assert found.attention == "self"
    assert len(found.null) == 200


def test_noise_alone_has_no_dim_cells(tmp_path):
    counted, settings = 0, DimCellSettings(minimum_probability=1e-6)
    for seed in range(3):
        movie = movie_in(tmp_path, planted_movie(NONE, NONE, NONE, seed))
        found = judge_plane(movie, rois_at(NONE, grid(20)), settings, seed)
        assert np.isfinite(found.activity).sum() >= 20
        counted += found.active.sum()
    assert counted <= 1


def test_a_short_movie_is_refused_with_the_setting_to_check(tmp_path):
    movie = movie_in(tmp_path, planted_movie(NONE, NONE, NONE, frames=50))
    with pytest.raises(AnalysisError, match=r"50 bins of 1 frame .* indicator_decay_s"):
        judge_plane(movie, rois_at(grid(8)), DimCellSettings())


def test_saturated_pixels_are_left_out_and_said(tmp_path):
    frames = planted_movie(grid(9), NONE, NONE)
    frames[:, 70:80, 70:80] = 32767
    movie = movie_in(tmp_path, frames)
    found = judge_plane(movie, rois_at(grid(9)), DimCellSettings())
    assert any(note.startswith("100 pixels at the largest grey level") for note in found.notes)
    inside = (found.candidates.centre > 70).all(axis=1) & (found.candidates.centre < 79).all(axis=1)
    assert not inside.any()
