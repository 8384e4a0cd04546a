"""How a change of the input files is noticed."""

import json
import os
import time

import pytest

from twophoton_decode.pipeline.fingerprints import Fingerprints, sampled_fingerprint, stamp_of

LONG_AGO = time.time() - 3600


@pytest.fixture
def movies(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.tif").write_bytes(b"frames")
    return tmp_path / "raw"


def taken(folder, movies):
    return Fingerprints(folder / "cache.json").of([movies])


def test_a_session_inside_the_folder_of_movies_does_not_change_it(movies, tmp_path):
    before = taken(tmp_path, movies)
    (movies / "S").mkdir()
    (movies / "S" / "traces.nc").write_bytes(b"traces")
    (movies / ".DS_Store").write_bytes(b"finder")
    assert taken(tmp_path, movies) == before
    (movies / "b.tif").write_bytes(b"more")
    assert taken(tmp_path, movies) != before


@pytest.mark.parametrize(("movie", "header"), [("a.sbx", "a.mat"), ("T.xml", "a.tif")])
def test_a_changed_header_changes_the_movie(tmp_path, movie, header):
    (tmp_path / movie).write_bytes(b"movie")
    (tmp_path / header).write_bytes(b"before")
    before = Fingerprints(tmp_path / ".cache").of([tmp_path / movie])
    (tmp_path / header).write_bytes(b"afterwards")
    assert Fingerprints(tmp_path / ".cache").of([tmp_path / movie]) != before


@pytest.fixture
def large(tmp_path):
    """5 MB with a stretch that no sample of an earlier version touched."""
    path = tmp_path / "I.npy"
    path.write_bytes(bytes(5_000_000))
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def correct_in_place(path, position=70_000):
    """Another byte at the same size and with the same modification time."""
    before = path.stat()
    with path.open("r+b") as stream:
        stream.seek(position)
        stream.write(b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("keep", [False, True])
def test_one_byte_corrected_in_place_is_another_file(large, tmp_path, keep):
    known = Fingerprints(tmp_path / ".cache")
    before, sampled = known.of([large], movie=keep), sampled_fingerprint([large])
    known.save()
    correct_in_place(large)
    assert sampled_fingerprint([large]) == sampled
    assert known.of([large], movie=keep) != before
    assert Fingerprints(tmp_path / ".cache").of([large], movie=keep) != before


@pytest.fixture
def settled(large, monkeypatch):
    """The file as it will look when its last change lies an hour back."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3600 * 10**9)
    return large


def pieces_read(known, path, **options):
    """How often a piece of a file was read for its fingerprint."""
    calls = []
    known._progress = lambda done, total, what: calls.append(done)
    known.of([path], **options)
    return len(calls)


def test_a_movie_is_read_once_and_arrays_once_a_command(settled, tmp_path):
    for keep, again in ((True, 0), (False, 1)):
        cache = tmp_path / f".{keep}"
        first = Fingerprints(cache)
        assert pieces_read(first, settled, movie=keep) == 1
        assert pieces_read(first, settled, movie=keep) == 0
        first.save()
        assert pieces_read(Fingerprints(cache), settled, movie=keep) == again
        assert pieces_read(Fingerprints(cache, verify=True), settled, movie=keep) == 1


def test_a_cache_that_cannot_be_written_is_done_without(settled, tmp_path):
    (tmp_path / "file").write_text("no folder")
    known = Fingerprints(tmp_path / "file" / "cache.json")
    before = known.of([settled], movie=True)
    known.save()
    assert not (tmp_path / "file" / "cache.json").exists()
    assert known.of([settled], movie=True) == before


def test_what_was_read_is_written_once(settled, tmp_path):
    cache, another = tmp_path / ".cache", tmp_path / "another.tif"
    another.write_bytes(b"frames")
    known = Fingerprints(cache)
    known.save()
    assert not cache.exists()
    known.of([settled], movie=True)
    known.save()
    written = stamp_of(cache.stat())
    for each in (known, Fingerprints(cache)):
        each.of([settled], movie=True)
        each.save()
        assert stamp_of(cache.stat()) == written
    # Arrays are not kept for the next command.
    known.of([another])
    known.save()
    assert stamp_of(cache.stat()) == written
    later = Fingerprints(cache)
    later.of([another], movie=True)
    later.save()
    assert stamp_of(cache.stat()) != written
    assert pieces_read(Fingerprints(cache), another, movie=True) == 0
    verified = Fingerprints(cache, verify=True)
    verified.of([settled], movie=True)
    verified.save()
    assert pieces_read(Fingerprints(cache), settled, movie=True) == 0


def test_a_copied_movie_is_read_again_and_is_the_same(settled, tmp_path):
    known = Fingerprints(tmp_path / ".cache")
    before = known.of([settled], movie=True)
    content = settled.read_bytes()
    settled.unlink()
    settled.write_bytes(content)
    assert pieces_read(known, settled, movie=True) == 1
    assert known.of([settled], movie=True) == before


def test_a_file_that_was_just_changed_is_not_believed(large, tmp_path):
    os.utime(large)
    known = Fingerprints(tmp_path / ".cache")
    assert [pieces_read(known, large, movie=True) for _ in range(2)] == [1, 1]


def test_verifying_reads_what_stamps_would_vouch_for(settled, tmp_path, monkeypatch):
    known = Fingerprints(tmp_path / ".cache")
    before = known.of([settled], movie=True)
    known.save()
    stamp = stamp_of(settled.stat())
    correct_in_place(settled)
    # As on a file system that keeps no time of change.
    monkeypatch.setattr("twophoton_decode.pipeline.fingerprints.stamp_of", lambda stat: stamp)
    assert Fingerprints(tmp_path / ".cache").of([settled], movie=True) == before
    assert Fingerprints(tmp_path / ".cache", verify=True).of([settled], movie=True) != before


DAMAGES = [
    "", "{", "[]", "3", "null", '"x"', "[[[[", '{"check": 1, "content": {}}', '{"content": []}',
    '{"check": null, "content": {"a": 3}}', "[" * 100_000, "\udcff",
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGES, ids=range(len(DAMAGES)))
def test_a_damaged_cache_is_only_slower(settled, tmp_path, text):
    before = Fingerprints(tmp_path / "none").of([settled], movie=True)
    (tmp_path / ".cache").write_bytes(text.encode("utf-8", "surrogateescape"))
    known = Fingerprints(tmp_path / ".cache")
    assert known.of([settled], movie=True) == before
    known.save()
    assert pieces_read(Fingerprints(tmp_path / ".cache"), settled, movie=True) == 0


def test_a_cache_with_a_flipped_digit_is_not_believed(settled, tmp_path):
    known = Fingerprints(tmp_path / ".cache")
    before = known.of([settled], movie=True)
    known.save()
    content = json.loads((tmp_path / ".cache").read_text())
    (key,) = content["content"]
    content["content"][key][1] = "0" * 40
    (tmp_path / ".cache").write_text(json.dumps(content))
    assert Fingerprints(tmp_path / ".cache").of([settled], movie=True) == before


def test_every_file_of_a_zarr_store_counts(tmp_path):
    (tmp_path / "a.zarr" / "R" / "c").mkdir(parents=True)
    chunk = tmp_path / "a.zarr" / "R" / "c" / "0"
    for file in (chunk, tmp_path / "a.zarr" / ".zgroup"):
        file.write_bytes(b"before")
        before = Fingerprints(tmp_path / ".cache").of([tmp_path / "a.zarr"])
        file.write_bytes(b"behind")
        assert Fingerprints(tmp_path / ".cache").of([tmp_path / "a.zarr"]) != before
