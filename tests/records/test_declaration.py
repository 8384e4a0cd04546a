import numpy as np
import pytest

from twophoton_decode import records
from twophoton_decode.errors import RecordError
from twophoton_decode.records import Presentations, Record


def presentations(**changes):
    fields = {
        "image": [0, 1, 0],
        "repeat": [0, 0, 1],
        "onset_s": [0.0, 1.0, 2.0],
        "duration_s": [0.5, 0.5, 0.5],
        "log_line": [2, 3, 4],
        "image_name": ["a.png", "b.png"],
        "columns": {},
        "sorted_rows": 0,
    }
    return Presentations(**(fields | changes))


def test_arrays_get_the_declared_type_and_are_read_only():
    record = presentations()
    assert record.image.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        record.image[0] = 1


def test_axes_that_disagree_are_named_with_both_lengths():
    with pytest.raises(RecordError, match=r"repeat has 2 along 'presentation', but image has 3"):
        presentations(repeat=[0, 0])
    with pytest.raises(RecordError, match=r"onset_s has shape \(1, 3\)"):
        presentations(onset_s=[[0.0, 1.0, 2.0]])
    with pytest.raises(RecordError, match="onset_s is missing"):
        presentations(onset_s=None)


def test_an_array_called_like_an_axis_gets_a_longer_name():
    assert Presentations.variable_name("image") == "image_of_presentation"
    assert Presentations.variable_name("onset_s") == "onset_s"


def test_attributes_are_what_netcdf_calls_unit_and_meaning():
    attributes = presentations().attributes("onset_s")
    assert attributes["units"] == "s"
    assert "start of the movie" in attributes["long_name"]
    assert "units" not in presentations().attributes("image")


KINDS = [
    kind
    for name in records.__all__
    if isinstance(kind := getattr(records, name), type)
    and issubclass(kind, Record)
    and kind is not Record
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_record_is_declared_and_described(kind):
    specs = dict([*kind.arrays(), *kind.scalars()])
    assert set(specs) == set(kind.__dataclass_fields__)
    assert all(len(spec.doc) > 3 for spec in specs.values())
