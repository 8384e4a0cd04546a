"""From templates to one HTML file: escaped, with a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sized
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from twophoton_decode.figures.canvas import numbers, style
from twophoton_decode.visible import visible


def rendered(
    template: str, facts: Mapping[str, Any], texts: Mapping[str, str], **values: Any
) -> str:
    """The page that a template makes of `values`, with what its script reads.

    Parameters
    ----------
    template : str
        A file of ``templates/``.
    facts : mapping
        For the script, as JSON; `served` says what the results are called of which a server
        makes the page, or is empty.
    texts : mapping of group name to str
        Embedded groups of arrays, see `report.data.block`.
    """
    script, styles = (_inlined(f"page.{kind}") for kind in ("js", "css"))
    facts = {**facts, "groups": [*facts.get("groups", ()), *texts]}
    return (
        _environment()
        .get_template(template)
        .render(
            facts=facts,
            facts_json=_json(facts),
            texts=texts,
            script=script,
            styles=styles,
            policy=Markup(policy(served=bool(facts["served"]))),
            **values,
        )
    )


def policy(*, served: bool) -> str:
    """The content security policy of a page: its own script and styles, and its own server."""
    script, styles = (_hash(_inlined(f"page.{kind}")) for kind in ("js", "css"))
    parts = [
        "default-src 'none'",
        f"script-src '{script}'",
        f"style-src '{styles}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*parts, "connect-src 'self'"] if served else parts)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("twophoton_decode.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["written"] = _written
    environment.filters["colour"] = style.decoder_colour
    environment.filters["number"] = numbers.number
    environment.filters["percent"] = numbers.percent
    return environment


def _shown(value: Any) -> Any:
    """What is written into the page: names from files may hold what no HTML may."""
    plain = isinstance(value, str) and not isinstance(value, Markup)
    return visible(value, lines=True) if plain else value


@cache
def _inlined(name: str) -> Markup:
    """The script or the styles, as they stand between their tags."""
    text = files("twophoton_decode.report").joinpath(name).read_text(encoding="utf-8")
    return Markup(text)


def _hash(text: str) -> str:
    """How a content security policy names an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _json(value: Any) -> Markup:
    """JSON that can stand in a script element: nothing in it ends the element."""
    text = json.dumps(value, allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _written(value: Any) -> str:
    """A setting or a fact about a run in words: structures become lines."""
    if value is None or (isinstance(value, Sized) and len(value) == 0):
        return numbers.DASH
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_written(part)}" for key, part in value.items())
    if isinstance(value, bool | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return numbers.number(value, 1) if isinstance(value, float) and value != value else f"{value}"
