"""The map of rooms is what the code's own imports say."""

import sys

from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))
import make_map


def test_the_map_is_current():
    assert make_map.PICTURE.read_text("utf-8") == make_map.picture()


def test_every_room_is_on_it_and_uses_only_rooms_before_it():
    rooms = {path.name for path in make_map.PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(make_map.ROOMS)
    place = make_map.ROOMS.index
    assert all(place(used) < place(room) for room, used in make_map.imports())
