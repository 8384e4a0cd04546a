"""What a session keeps: records in netCDF and the ledger."""

import json
from dataclasses import asdict, fields

import numpy as np
from array_doors import responses_and_pictures
from reading import Door, Reading, digest

from twophoton_decode.formats.arrays import import_arrays
from twophoton_decode.records import Recording, Responses
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.session.netcdf import read_record, write_record
from twophoton_decode.settings import ResponseSettings


def recording(folder):
    found = Recording(
        file=np.array(["a.tif", "b.tif"]),
        file_frames=np.array([7, 5]),
        height=4,
        width=6,
        dtype="uint16",
        layout="plain",
        warnings=("a note",),
    )
    write_record(folder / "recording.nc", found)
    return folder / "recording.nc"


def responses(folder):
    matrix = responses_and_pictures(folder)
    found = import_arrays(
        matrix, "repeat image cell", folder / "I.npy", settings=ResponseSettings(), size_px=8
    )
    write_record(folder / "responses.nc", found)
    return folder / "responses.nc"


def read_as(kind):
    def read(file):
        found = read_record(file, kind)
        arrays = {name: getattr(found, name) for name, _ in found.arrays()}
        shapes = {name: np.shape(value) for name, value in arrays.items()}
        scalars = [getattr(found, name) for name, _ in found.scalars()]
        texts = np.frombuffer(repr([*map(str, arrays.values()), *scalars]).encode(), np.uint8)
        return Reading({"shapes": shapes}, digest(texts))

    return read


def ledger(folder):
    entry = Entry(
        settings={"seed": 7},
        inputs={"movie": "ab12"},
        outputs={"traces.nc": "cd34"},
        content="ef56",
        revision=3,
        versions={"numpy": "2.0"},
        seed=7,
        finished="2026-01-01T00:00:00",
        seconds=1.5,
    )
    (folder / "ledger.json").write_text(json.dumps({"extract": asdict(entry)}, indent=1))
    return folder / "ledger.json"


def read_ledger(file):
    items = Ledger(file).items()
    texts = [(key, *(getattr(entry, each.name) for each in fields(Entry))) for key, entry in items]
    return Reading({}, digest(np.frombuffer(repr(texts).encode(), np.uint8)))


DOORS = [
    Door("recording.nc", "records", recording, read_as(Recording)),
    Door("responses.nc", "records", responses, read_as(Responses)),
    Door("ledger.json", "records", ledger, read_ledger),
]
