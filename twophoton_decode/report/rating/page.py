"""The page on which people choose: self-contained, blind, by keyboard."""

from __future__ import annotations

import base64
import io
import json
from importlib.resources import files

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from PIL import Image

from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.report.rating.trials import MAIN, QUESTIONS, Key


def rating_page(found: InversionControls, key: Key, title: str) -> str:
    """One HTML file that needs nothing else; which side is which is not in it.

    Parameters
    ----------
    found : InversionControls
        Has the pictures.
    key : Key
        Of this record.
    title : str
        Of the session, for the reader.
    """
    variant = found.variant.tolist()
    made = found.made[variant.index(MAIN)]
    trials = []
    for trial in key.trials:
        other = found.made[variant.index(QUESTIONS[trial.question])]
        both = [made[trial.image], other[trial.image]]
        left, right = both if trial.side == "left" else both[::-1]
        shown = [found.picture[trial.image], left, right]
        trials.append([trial.code, *map(picture_address, shown)])
    environment = Environment(
        loader=PackageLoader("twophoton_decode.report", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
    )
    # In a script element only </ and <!-- end or change it.
    data = json.dumps({"page": key.page, "trials": trials}).replace("<", "\\u003c")
    script = files("twophoton_decode.report").joinpath("rating.js").read_text("utf-8")
    return environment.get_template("rating.html.j2").render(
        title=title, data=data, script=script, count=len(trials)
    )


def picture_address(picture: np.ndarray) -> str:
    """A picture from 0 to 1 as a data address."""
    levels = np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(levels).save(stream, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
