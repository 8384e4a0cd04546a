"""The page on which people count: self-contained, blind, by keyboard."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.report.counting.crops import crops_of, page_code
from twophoton_decode.report.rating.page import picture_address

_ENDS = (1.0, 99.8)


def counting_page(found: Restoration, title: str) -> str:
    """One HTML file that needs nothing else; which crop is restored is not in it.

    Parameters
    ----------
    title : str
        Of the movie, for the reader.
    """
    methods = found.method.tolist()
    low, high = np.percentile(found.mean_frame, _ENDS)
    trials = []
    for crop in crops_of(found):
        both = found.mean_frame, found.shown[methods.index(crop.method), crop.frame]
        scaled = ((crop.of(each) - low) / max(high - low, 1e-9) for each in both)
        trials.append([crop.code, *map(picture_address, scaled)])
    environment = Environment(
        loader=PackageLoader("twophoton_decode.report", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
    )
    # In a script element only </ and <!-- end or change it.
    data = json.dumps({"page": page_code(found), "trials": trials}).replace("<", "\\u003c")
    script = files("twophoton_decode.report").joinpath("counting.js").read_text("utf-8")
    return environment.get_template("counting.html.j2").render(
        title=title, data=data, script=script, count=len(trials)
    )
