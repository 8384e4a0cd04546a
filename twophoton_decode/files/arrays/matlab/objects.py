"""What MATLAB's own classes are called, and the line that turns each into numbers."""

from __future__ import annotations

from twophoton_decode.errors import ResponseError

_AS_NUMBERS = {
    "table": "R = table2array({name}); save('{name}_numbers.mat', 'R')",
    "timetable": "R = table2array(timetable2table({name}, 'ConvertRowTimes', false)); "
    "save('{name}_numbers.mat', 'R')",
    "string": "R = cellstr({name}); save('{name}_texts.mat', 'R')",
    "categorical": "R = cellstr({name}); save('{name}_texts.mat', 'R')",
    "containers.Map": "R = values({name}); save('{name}_values.mat', 'R')",
    "datetime": "R = seconds({name} - {name}(1)); save('{name}_seconds.mat', 'R')",
    "duration": "R = seconds({name}); save('{name}_seconds.mat', 'R')",
}


def refused_object(what: str, name: str, kind: str) -> ResponseError:
    """The error for an object that only MATLAB can read, with what to run in MATLAB."""
    line = _AS_NUMBERS.get(kind, "R = …; save('{name}_numbers.mat', 'R')").format(name=name)
    return ResponseError(
        f"{what} is a MATLAB {kind}, which only MATLAB can read. Run in MATLAB: {line}"
    )
