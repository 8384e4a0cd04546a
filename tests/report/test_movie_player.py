"""The page's player: clips as shown and as decoded, played and gone through by keys."""

import dataclasses
import json
import re

import numpy as np
import pytest
from invented_movie import movie_decoding
from page_arrays import unpacked
from test_page import DOT, EVIL, page
from test_page_in_browser import TEXT, driven, needs_browser

from twophoton_decode.figures.canvas.drawing import Shown
from twophoton_decode.report.data.movie_player import movie_group, page_movie
from twophoton_decode.report.words.sections import SectionWords

CARD = "#movie-player"
FRAME = f"document.querySelector('{CARD}').dataset.frame"
PIXELS = f"""(() => {{
  const canvas = document.querySelectorAll('{CARD} canvas')[VERSION];
  const held = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return Array.from({{length: held.length / 4}}, (_, i) => held[4 * i]);
}})()"""
LATER = "new Promise((tell) => setTimeout(() => tell({}), 700))"


def with_movie(found):
    figure = Shown("deep_movie", "Figure of movies.", {"png": DOT})
    words = {"Movies": SectionWords("deep-movie", "What was found.", "How.")}
    return page(drawings=[("Movies", [figure])], words=words, movie=page_movie(found))


def grey(frames):
    low, high = frames.min(), frames.max()
    return np.rint(255 * (frames - low) / (high - low))


def test_the_page_holds_the_frames_of_the_record():
    found = movie_decoding()
    group = movie_group(found, [5, 0])
    held = unpacked(group.text)
    short = np.asarray(found.picture)[5, :5]
    np.testing.assert_array_equal(held["0-0"], grey(short))
    np.testing.assert_array_equal(held["2-1"], grey(np.asarray(found.decoded)[1, 0]))
    assert set(held) == {f"{version}-{clip}" for version in range(3) for clip in range(2)}


def test_clips_run_from_the_best_to_the_worst():
    found = movie_decoding()
    facts = page_movie(found).facts
    order = np.argsort(-found.value[-1, 0])
    assert facts["names"] == [f"clip_{clip}.npy" for clip in order]
    assert facts["frames"] == [int(found.clip_frames[clip]) for clip in order]


def test_names_of_clips_are_no_html():
    found = dataclasses.replace(movie_decoding(), clip_name=[EVIL] * 6)
    html = with_movie(found)
    assert EVIL not in html
    held = json.loads(re.search(r'id="facts">(.*?)</script>', html, re.DOTALL)[1])
    assert held["movie"]["rate"] == 10.0


def test_a_page_without_clips_has_no_player():
    assert 'id="movie-player"' not in page(drawings=[])
    assert 'id="movie-player"' in with_movie(movie_decoding())


@needs_browser
def test_keys_go_through_a_clip(tmp_path):
    found = movie_decoding()
    best = int(np.argmax(found.value[-1, 0]))
    visit = driven(
        with_movie(found),
        tmp_path,
        ("appear", f"{CARD}[data-frame]"),
        ("evaluate", FRAME),
        ("focus", f"{CARD} input"),
        ("press", "ArrowRight"),
        ("press", "ArrowRight"),
        ("evaluate", FRAME),
        ("evaluate", PIXELS.replace("VERSION", "0")),
        ("evaluate", PIXELS.replace("VERSION", "2")),
        ("evaluate", TEXT.format(f"{CARD} output")),
        ("press", "End"),
        ("evaluate", FRAME),
        ("press", "Home"),
        ("press", "ArrowLeft"),
        ("evaluate", FRAME),
        ("press", "]"),
        ("evaluate", f"document.querySelector('{CARD} select').value"),
        ("axe", None),
    )
    result = visit["results"]
    assert (result[1], result[5], result[10], result[13], result[15]) == ("0", "2", "7", "7", "1")
    shown = grey(np.asarray(found.picture)[best])[2]
    decoded = grey(np.asarray(found.decoded)[1, best])[2]
    assert result[6] == pytest.approx(shown.ravel())
    assert result[7] == pytest.approx(decoded.ravel())
    assert result[8] == "0.2 s"
    assert result[16] == []
    assert visit["trouble"] == []


@needs_browser
def test_it_plays_when_asked_and_stops(tmp_path):
    button = f"{CARD} .controls button"
    visit = driven(
        with_movie(movie_decoding(frames=200)),
        tmp_path,
        ("appear", f"{CARD}[data-frame]"),
        ("evaluate", LATER.format(FRAME)),
        ("click", button),
        ("evaluate", LATER.format(FRAME)),
        ("evaluate", TEXT.format(button)),
        ("click", button),
        ("evaluate", FRAME),
        ("evaluate", LATER.format(FRAME)),
    )
    before, _, playing, label, _, stopped, later = visit["results"][1:]
    assert before == "0"
    assert 0 < int(playing) <= 8
    assert "pause" in label
    assert stopped == later
    assert visit["trouble"] == []
