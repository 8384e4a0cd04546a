"""When extraction is stale: a corrected movie, a copied one, and one known from samples."""

import os
from dataclasses import replace

import pytest

from twophoton_decode.pipeline.fingerprints import sampled_fingerprint
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stages.register import REGISTER
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry
from twophoton_decode.settings import Settings, Source


@pytest.fixture
def session(tmp_path):
    """A session as after the extraction of a movie of 5 MB."""
    movie = tmp_path / "movie.tif"
    movie.write_bytes(bytes(5_000_000))
    settings = Settings(source=Source(movie=[str(movie)]))
    folder = SessionFolder.create(tmp_path / "S", settings)
    work = Session(folder)
    entry = Entry(
        settings=REGISTER.settings_used(settings),
        inputs=work._inspector().inputs(REGISTER, "", {}),
        outputs={},
        content="",
        revision=REGISTER.revision,
        versions={},
        seed=None,
        finished="",
        seconds=0.0,
    )
    work.ledger.write("register", entry)
    return folder, movie


def verdict(folder, **options):
    found = Session(folder, **options).verdicts()["register"]
    return found.state, found.changes


def correct_in_place(movie):
    """One byte that no sample touches; size and modification time stay."""
    before = movie.stat()
    with movie.open("r+b") as stream:
        stream.seek(70_000)
        stream.write(b"!")
    os.utime(movie, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_byte_corrected_in_a_movie_makes_extraction_stale(session):
    folder, movie = session
    assert verdict(folder) == ("fresh", ())
    correct_in_place(movie)
    assert verdict(folder) == ("stale", ("movie changed",))
    assert verdict(folder, verify=True) == ("stale", ("movie changed",))


def test_a_copied_or_touched_movie_is_not_extracted_again(session):
    folder, movie = session
    content = movie.read_bytes()
    movie.unlink()
    movie.write_bytes(content)
    os.utime(movie, (0, 0))
    assert verdict(folder) == ("fresh", ())


def test_samples_of_an_earlier_version_count_until_the_next_run(session):
    folder, movie = session
    work = Session(folder)
    old = {"movie": sampled_fingerprint([movie])}
    whole = work.ledger["register"].inputs["movie"]
    work.ledger.write("register", replace(work.ledger["register"], inputs=old))
    assert verdict(folder) == ("fresh", ())
    said = []
    Session(folder, say=said.append).run_stage(REGISTER, "")
    assert "an earlier version had kept samples of the movie, which are the same" in said[0]
    assert Session(folder).ledger["register"].inputs["movie"] == whole
    correct_in_place(movie)
    assert verdict(folder) == ("stale", ("movie changed",))
