"""Weights are recognised by their hash, read without running anything, and never guessed."""

import dataclasses
import hashlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from twophoton_decode.deep.networks import named
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.weights import add, find
from twophoton_decode.deep.weights.published import Published
from twophoton_decode.deep.weights.read import read_weights
from twophoton_decode.errors import UsageError, WeightsError


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty store of weights, and nothing in the environment."""
    place = tmp_path / "store"
    monkeypatch.setattr(find, "store", lambda: place)
    monkeypatch.setattr(add, "store", lambda: place)
    monkeypatch.delenv(find.VARIABLE, raising=False)
    return place


def saved(path, tensors):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(tensors, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def published(sha256, **more):
    return Published(sha256=sha256, licence="MIT", ending=".pth", **more)


def test_a_file_is_known_by_its_hash_under_any_name(store, tmp_path, monkeypatch):
    digest = saved(tmp_path / "mine/holiday.pth", {"a": torch.ones(3)})
    saved(tmp_path / "mine/another.pth", {"a": torch.zeros(3)})
    monkeypatch.setenv(find.VARIABLE, str(tmp_path / "mine"))
    found = find.find_weights("net", published(digest))
    assert (found.path.name, found.sha256, found.where) == ("holiday.pth", digest, find.VARIABLE)


def test_what_is_no_file_is_passed_over(store, tmp_path):
    """A pipe or a device never ends; a folder and a link to nothing hold no weights."""
    digest = saved(tmp_path / "mine/right.pth", {"a": torch.ones(3)})
    os.mkfifo(tmp_path / "mine/a.pth")
    (tmp_path / "mine/b.pth").mkdir()
    (tmp_path / "mine/c.pth").symlink_to(tmp_path / "nothing")
    found = find.find_weights("net", published(digest), tmp_path / "mine")
    assert found.path.name == "right.pth"


def test_places_are_looked_into_in_order(store, tmp_path, monkeypatch):
    tensors = {"a": torch.ones(3)}
    digest = saved(tmp_path / "given/x.pth", tensors)
    for place in (tmp_path / "variable", store):
        place.mkdir()
        (place / "x.pth").write_bytes((tmp_path / "given/x.pth").read_bytes())
    monkeypatch.setenv(find.VARIABLE, str(tmp_path / "variable"))
    net = published(digest)
    assert find.find_weights("net", net, tmp_path / "given/x.pth").where == "--weights"
    assert find.find_weights("net", net).where == find.VARIABLE
    monkeypatch.delenv(find.VARIABLE)
    assert find.find_weights("net", net).where == "added weights"


def test_missing_weights_say_where_they_were_looked_for_and_how_to_get_them(store):
    net = published("0" * 64, url="https://example.org/net.pth")
    with pytest.raises(WeightsError) as error:
        find.find_weights("net", net)
    assert str(store) in str(error.value)
    assert "tpdecode weights add net --file FILE, or tpdecode weights add net --download" in str(
        error.value
    )


def test_a_wrong_hash_is_refused_with_both_hashes(store, tmp_path):
    digest = saved(tmp_path / "net.pth", {"a": torch.ones(3)})
    with pytest.raises(WeightsError) as error:
        find.find_weights("net", published("f" * 64), tmp_path / "net.pth")
    assert digest in str(error.value)
    assert "f" * 64 in str(error.value)
    with pytest.raises(WeightsError, match="expected SHA-256 beginning with ffffffff"):
        add.add_file("net", published("f" * 8), tmp_path / "net.pth")
    assert not store.exists()


def test_a_damaged_file_of_the_store_is_named_not_passed_over(store):
    saved(store / f"net-{'f' * 8}.pth", {"a": torch.ones(3)})
    with pytest.raises(WeightsError, match=f"net-{'f' * 8}.pth is not the file of weights of net"):
        find.find_weights("net", published("f" * 64))


def test_a_file_that_is_added_is_found(store, tmp_path):
    digest = saved(tmp_path / "net.pth", {"a": torch.ones(3)})
    made = add.add_file("net", published(digest), tmp_path / "net.pth")
    assert made.path == store / f"net-{digest[:8]}.pth"
    assert [each.name for each in store.iterdir()] == [made.path.name]
    assert find.find_weights("net", published(digest)).path == made.path


def test_a_download_with_another_hash_is_not_kept(store, tmp_path):
    digest = saved(tmp_path / "served.pth", {"a": torch.ones(3)})
    url = (tmp_path / "served.pth").as_uri()
    assert add.download("net", published(digest, url=url)).sha256 == digest
    with pytest.raises(WeightsError, match=digest):
        add.download("other", published("e" * 64, url=url))
    assert [each.name for each in store.iterdir()] == [f"net-{digest[:8]}.pth"]
    gone = published(digest, url=(tmp_path / "gone.pth").as_uri())
    with pytest.raises(WeightsError, match="cannot be downloaded"):
        add.download("net", gone)


class RunsCode:
    """A pickle that would make a file where it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_a_pickle_that_runs_code_is_refused(tmp_path):
    touched = tmp_path / "touched"
    torch.save({"a": RunsCode(touched)}, tmp_path / "evil.pth")
    (tmp_path / "bare.pth").write_bytes(pickle.dumps(RunsCode(touched)))
    for name in ("evil.pth", "bare.pth"):
        with pytest.raises(WeightsError, match=r"could run code|cannot be read"):
            read_weights(tmp_path / name)
    np.savez(tmp_path / "evil.npz", a=np.array([RunsCode(touched)], dtype=object))
    touched.unlink(missing_ok=True)
    with pytest.raises(WeightsError, match="cannot be read as arrays of numbers"):
        read_weights(tmp_path / "evil.npz")
    assert not touched.exists()


def test_what_is_no_state_dict_is_refused(tmp_path):
    torch.save([torch.ones(2)], tmp_path / "list.pth")
    torch.save({"a": 3}, tmp_path / "number.pth")
    for name in ("list.pth", "number.pth"):
        with pytest.raises(WeightsError, match="names with tensors alone"):
            read_weights(tmp_path / name)
    (tmp_path / "cut.pth").write_bytes((tmp_path / "list.pth").read_bytes()[:100])
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        read_weights(tmp_path / "cut.pth")


@pytest.mark.parametrize("content", [b"\x80\x02R.", b"\x80\x02X\x02\x00\x00\x00\xff\xff."])
def test_damage_of_any_kind_is_said_of_the_file(tmp_path, content):
    """PyTorch finds an empty stack, or bytes that are no text."""
    (tmp_path / "net.pth").write_bytes(content)
    with pytest.raises(WeightsError, match=r"net\.pth cannot be read as weights"):
        read_weights(tmp_path / "net.pth")


def test_a_damaged_archive_of_arrays_is_said_of_the_file(tmp_path):
    file = tmp_path / "net.npz"
    np.savez_compressed(file, a=np.arange(5000.0))
    held = bytearray(file.read_bytes())
    held[60:90] = bytes(30)
    file.write_bytes(held)
    with pytest.raises(WeightsError, match=r"net\.npz cannot be read as arrays"):
        read_weights(file)


def test_arrays_of_npz_are_read_in_their_order(tmp_path):
    np.savez(tmp_path / "net.npz", b=np.arange(3.0), a=np.ones((2, 2), np.float32))
    held = read_weights(tmp_path / "net.npz")
    assert list(held) == ["b", "a"]
    assert held["b"].tolist() == [0, 1, 2]


def test_weights_of_another_network_are_refused(store, tmp_path, monkeypatch):
    digest = saved(tmp_path / "net.pth", {"weight": torch.ones(2, 3), "bias": torch.ones(2)})
    tiny = Architecture(
        name="tiny",
        title="one layer",
        build=lambda: torch.nn.Linear(3, 4),
        places=lambda network: {"out": Place(network)},
        weights=published(digest),
    )
    monkeypatch.setitem(named._BUILT_IN, "tiny", tiny)
    with pytest.raises(WeightsError, match="does not fit tiny"):
        named.open_network("tiny", tmp_path / "net.pth")
    fitting = dataclasses.replace(tiny, build=lambda: torch.nn.Linear(3, 2))
    monkeypatch.setitem(named._BUILT_IN, "tiny", fitting)
    opened = named.open_network("tiny", tmp_path / "net.pth")
    assert opened.sha256 == digest
    assert (opened.module.weight == 1).all()


def test_a_given_place_that_is_not_there_is_named(store, tmp_path):
    with pytest.raises(WeightsError, match="no such file or folder of weights"):
        find.find_weights("net", published("0" * 64), tmp_path / "gone")
    with pytest.raises(UsageError, match="no such file"):
        add.add_file("net", published("0" * 64), tmp_path / "gone")


def test_what_is_wrong_with_other_files_of_a_folder_blocks_nothing(store, tmp_path, monkeypatch):
    """Unreadable files, folders and files of other networks; of one's own name all is told."""
    digest = saved(tmp_path / "mine/right.pth", {"a": torch.ones(3)})
    foreign = saved(tmp_path / "mine/foreign.pth", {"a": torch.zeros(3)})
    places = [str(tmp_path / "mine" / name) for name in ("foreign.pth", "locked")]
    monkeypatch.setenv(find.VARIABLE, os.pathsep.join([*places, str(tmp_path / "mine")]))
    files, read = find._files_in, find._sha256

    def locked(place):
        if place.name == "locked":
            place = UnreadableFolder(place)
        return files(place)

    def unreadable(path, size, changed):
        if "foreign" in path.name:
            raise PermissionError(13, "Permission denied")
        return read(path, size, changed)

    monkeypatch.setattr(find, "_files_in", locked)
    assert find.find_weights("net", published(digest)).path.name == "right.pth"
    monkeypatch.setattr(find, "_sha256", unreadable)
    assert find.find_weights("net", published(digest)).path.name == "right.pth"
    with pytest.raises(WeightsError, match=r"foreign\.pth cannot be read: Permission denied"):
        find.find_weights("net", published(foreign), tmp_path / "mine/foreign.pth")
    (tmp_path / "mine/foreign.pth").rename(tmp_path / f"mine/foreign-{'e' * 8}.pth")
    with pytest.raises(WeightsError, match=r"foreign-eeeeeeee\.pth cannot be read"):
        find.find_weights("net", published("e" * 64))


class UnreadableFolder(type(Path())):
    """A folder that may not be listed."""

    def iterdir(self):
        raise PermissionError(13, "Permission denied")


def test_a_file_of_a_package_that_is_not_the_published_one_is_named(store, tmp_path, monkeypatch):
    saved(tmp_path / "package.pth", {"a": torch.ones(3)})
    monkeypatch.setattr(find, "_files_of", lambda package, ending: [tmp_path / "package.pth"])
    with pytest.raises(WeightsError, match=r"package\.pth is not the file of weights of net"):
        find.find_weights("net", published("f" * 64, package="net-model"))


@pytest.mark.parametrize("second", ["known", "own"])
def test_a_file_given_to_two_networks_is_for_the_one_that_it_is_of(store, tmp_path, second):
    """The other one is found where it lies; a file of neither is refused."""
    first = published(saved(store / "first.pth", {"a": torch.ones(3)}))
    name = "other.pth" if second == "known" else "other-1.pth"
    digest = saved(store / name, {"b": torch.ones(3)})
    other = published(digest if second == "known" else "")
    for given, holds in ((store / "first.pth", "first"), (store / name, "other")):
        copy = tmp_path / "given.pth"
        copy.write_bytes(given.read_bytes())
        found = {
            "first": find.find_weights("first", first, copy, {"other": other}),
            "other": find.find_weights("other", other, copy, {"first": first}),
        }
        for each, place in found.items():
            assert place.where == ("--weights" if each == holds else "added weights"), (each, holds)
        assert found["first"].sha256 == first.sha256
        assert found["other"].sha256 == digest
    (store / name).unlink()
    copy.write_bytes((store / "first.pth").read_bytes())
    with pytest.raises(WeightsError, match=r"given\.pth, which holds weights of first"):
        find.find_weights("other", other, copy, {"first": first})
    if second == "known":
        saved(copy, {"c": torch.ones(1)})
        with pytest.raises(WeightsError, match="is not the file of weights of first"):
            find.find_weights("first", first, copy, {"other": other})
