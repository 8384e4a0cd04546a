"""Writes the pages that follow from the code: ``python docs/make_reference.py``.

``commands.md`` comes from the commands' ``--help``, ``settings.md`` from ``settings/``,
``records.md`` from the declarations in ``records/``, ``python.md`` from the docstrings of the
front door (``api_page.py``), the command table of the README from the
commands' first lines, and the lists in ``index.md`` from the titles of the pages. A test
checks that the files are what this makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from api_page import api_page
from pydantic_core import to_json

from twophoton_decode import records
from twophoton_decode.cli.main import tpdecode
from twophoton_decode.pipeline.chain import ALL
from twophoton_decode.pipeline.stage import Stage
from twophoton_decode.pipeline.stages.respond_from_arrays import RESPOND_FROM_ARRAYS
from twophoton_decode.records import Record
from twophoton_decode.settings import Settings
from twophoton_decode.settings.allowed import allowed

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
MADE = "<!-- Written by docs/make_reference.py from {}. Do not edit. -->\n\n"
HELP_WIDTH = 92

STAGES = tuple(stage for stage in ALL if not stage.page)

# The methods in the order of the chain.
METHODS = (
    "simulation", "extraction", "quality", "responses", "features", "encoding", "decoders",
    "scores", "cell_count", "stability", "complementarity",
    "population", "deep_decoding", "completion", "unit_agreement", "hierarchy", "representation",
    "deep_encode", "movie", "restoration",
)  # fmt: skip

# Where a record lies in the session; the others pass from one function to the next.
FILES = {
    stage.record.__name__: stage.file.format(decoder="DECODER", network="NETWORK")
    for stage in STAGES
    if stage.record
}

# Of commands over several sessions or movies, in the folder that -o names.
OF_SEVERAL = {
    "UnitAgreement": "DIR/agreement_NETWORK.nc",
    "Restoration": "beside the restored movie, as RESTORED.nc",
    "HierarchyScores": "DIR/hierarchy.nc",
    "PopulationsBetweenSessions": "DIR/populations_between_sessions.nc",
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with what one types to call it, in the order of ``--help``."""
    yield from _below("tpdecode", tpdecode)


def _below(name: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for short, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _below(f"{name} {short}", command)
        else:
            yield f"{name} {short}", command


def commands_page() -> str:
    """The help of every command."""
    parts = [
        MADE.format("the commands' --help"),
        "# Commands\n\nThe output of `--help`. For sessions, stages and exit codes, see "
        "[concepts](concepts.md).\n\n",
        _help_block("tpdecode", tpdecode),
    ]
    for name, command in commands():
        parts += [f"\n## {name}\n", _help_block(name, command)]
    return "".join(parts)


def _help_block(name: str, command: click.Command) -> str:
    context = click.Context(
        command,
        info_name=name,
        terminal_width=HELP_WIDTH,
        help_option_names=tpdecode.context_settings["help_option_names"],
    )
    return f"```text\n{command.get_help(context)}\n```\n"


def settings_page() -> str:
    """Every key of session.toml with its default, what it may be, and what it means."""
    parts = [
        MADE.format("twophoton_decode/settings/"),
        "# Settings\n\n`session.toml` holds every key with its default and a comment. An unknown "
        "key is an error. After a change, `tpdecode status` shows which results are stale.\n",
    ]
    for name, field in Settings.model_fields.items():
        section: Any = field.annotation
        parts.append(f"\n## [{name}]\n{_first_line(section)}\n\n")
        parts.append("| key | default | allowed | meaning |\n|---|---|---|---|\n")
        for key, each in section.model_fields.items():
            cells = (f"`{key}`", f"`{_toml(each.default)}`", allowed(each), each.description)
            parts.append(_row(*cells))
    parts += ["\n## Which stage depends on what\n", _stage_table()]
    return "".join(parts)


def _stage_table() -> str:
    """What each stage makes, reads and writes, and which settings it depends on."""
    head = "| stage | what it makes | reads | writes | settings |\n|---|---|---|---|---|\n"
    return head + "".join(_stage_row(stage) for stage in STAGES)


def _stage_row(stage: Stage) -> str:
    name = f"{stage.name} (imported arrays)" if stage is RESPOND_FROM_ARRAYS else stage.name
    reads = ", ".join([*stage.sources, *stage.reads, *stage.uses])
    written = f"`{FILES[stage.record.__name__]}`" if stage.record else ""
    settings = ", ".join(f"`{each}`" for each in stage.depends_on)
    return _row(name, stage.title, reads, written, settings)


def _headline_numbers() -> str:
    """The headline numbers of every stage, as ``summary.json`` has them."""
    rows = {
        _row(f"`{stage.in_summary}`", f"`{number.key}`", number.label): None
        for stage in STAGES
        for number in stage.numbers
    }
    return "| in | number | what it is |\n|---|---|---|\n" + "".join(rows)


def _toml(value: Any) -> str:
    """A default as it stands in the file; JSON's spelling is TOML's for all of them."""
    return to_json(value).decode().replace(",", ", ")


def records_page() -> str:
    """Every field of every record with its axes and unit."""
    parts = [
        MADE.format("twophoton_decode/records/"),
        "# Records\n\nWhat one stage hands to the next. Arrays name their axes: within a record, "
        "equal names mean equal lengths, and `roi+1` is one longer than `roi`. In a file, an array "
        "that is called like an axis gets a longer name, given in brackets. How to read one: "
        "[from Python and MATLAB](read_records.md).\n",
    ]
    stored = FILES | OF_SEVERAL
    for kind in _record_kinds():
        where = f"`{stored[kind.__name__]}`" if kind.__name__ in stored else "not stored"
        parts.append(f"\n## {kind.__name__}\n{_first_line(kind)} File: {where}.\n\n")
        parts.append("| array | axes | unit | type | meaning |\n|---|---|---|---|---|\n")
        parts += [_array_row(kind, name, spec) for name, spec in kind.arrays()]
        parts.append("\n| value | unit | meaning |\n|---|---|---|\n")
        parts += [_row(f"`{name}`", spec.unit, spec.doc) for name, spec in kind.scalars()]
    parts.append(
        "\n## summary.json\nThe headline numbers of the stages. Where a stage runs once for every "
        "decoder, they stand below the decoder's name. The file holds more numbers than these; "
        "what is undefined is `null`.\n\n"
    )
    parts.append(_headline_numbers())
    return "".join(parts)


def _record_kinds() -> list[type[Record]]:
    """Records in the order of the chain: those that are stored as `FILES` names them."""
    found = [getattr(records, name) for name in records.__all__]
    kinds = [each for each in found if isinstance(each, type) and issubclass(each, Record)]
    order = ["Recording", "Presentations", *FILES, *OF_SEVERAL]
    return sorted((k for k in kinds if k is not Record), key=lambda k: order.index(k.__name__))


def _array_row(kind: type[Record], name: str, spec: Any) -> str:
    stored = kind.variable_name(name)
    shown = f"`{name}`" if stored == name else f"`{name}` (`{stored}`)"
    doc = spec.doc + ("; may be absent" if spec.optional else "")
    doc += "; unknown in files of earlier versions" if spec.later else ""
    unit = re.sub(r"{(\w+)}", r"as `\1` says", spec.unit)
    return _row(shown, ", ".join(spec.axes), unit, spec.dtype.__name__, doc)


def command_table() -> str:
    """The commands and what each does, for the README."""
    rows = [
        _row(
            f"[`{name}`](docs/commands.md#{name.replace(' ', '-')})",
            command.get_short_help_str(200),
        )
        for name, command in commands()
    ]
    return "| command | what it does |\n|---|---|\n" + "".join(rows)


def index_of(folder: str, first: tuple[str, ...] = ()) -> str:
    """Links to the pages of a folder by their titles, those named first in that order."""
    files = sorted((DOCS / folder).glob("*.md"))
    files.sort(key=lambda file: first.index(file.stem) if file.stem in first else len(first))
    titles = [file.read_text(encoding="utf-8").splitlines()[0].lstrip("# ") for file in files]
    links = zip(titles, files, strict=True)
    return "".join(f"- [{title}]({folder}/{file.name})\n" for title, file in links)


def with_part(text: str, name: str, part: str) -> str:
    """`text` with what stands between the two marks called `name` made anew."""
    begin, end = f"<!-- {name}: written by docs/make_reference.py -->", f"<!-- end of {name} -->"
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    return f"{before}{begin}\n{part}{end}{after}"


def index_page(text: str) -> str:
    """The table of contents with the pages there are."""
    text = with_part(text, "methods", index_of("methods", METHODS))
    return with_part(text, "decisions", index_of("decisions"))


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0].replace("``", "`")


def _row(*cells: str | None) -> str:
    escaped = [(cell or "").replace("|", "\\|") for cell in cells]
    return "| " + " | ".join(escaped) + " |\n"


def pages() -> dict[Path, str]:
    """Every file that is made here, with the text it must have."""
    return {
        DOCS / "commands.md": commands_page(),
        DOCS / "settings.md": settings_page(),
        DOCS / "records.md": records_page(),
        DOCS / "python.md": MADE.format("the docstrings of the front door") + api_page(),
        DOCS / "index.md": index_page((DOCS / "index.md").read_text(encoding="utf-8")),
        README: with_part(README.read_text(encoding="utf-8"), "commands", command_table()),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
