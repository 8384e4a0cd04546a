"""What a stage returned, written to the session and entered in its ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from twophoton_decode import __version__
from twophoton_decode.files.atomic import write_bytes
from twophoton_decode.pipeline.fingerprints import hash_of
from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.session.ledger import Entry
from twophoton_decode.session.own_files import refuse_link_on_the_way

LIBRARIES = ("numpy", "scipy", "numba", "scikit-learn", "scikit-image", "suite2p", "tifffile")


def write_output(
    stage: Stage,
    name: str,
    work: StageInput,
    output: StageOutput,
    inputs: Mapping[str, str],
    seconds: float,
    unavailable: str = "",
) -> None:
    """Write record and files of the stage's run for decoder or network `name`, then its entry.

    The entry is written last: a stage that was interrupted never finished. Its figures are
    still those of the former result, and due to be drawn.
    """
    content, outputs = _write_files(stage, name, work, output)
    key = stage.key(name)
    former = work.ledger.get(key)
    entry = Entry(
        settings=stage.of(name).settings_used(work.settings),
        inputs={**inputs, **output.extra_inputs},
        outputs=outputs,
        content=content or unavailable or output.content or _content(output),
        revision=stage.revision,
        versions=_versions(),
        seed=work.settings.decoding.seed,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        summary=output.summary,
        notes=output.notes,
        unavailable=unavailable,
        figures=former.figures if former else {},
        in_drawing=former.in_drawing if former else {},
    )
    work.ledger.write(key, entry)


def _write_files(
    stage: Stage, name: str, work: StageInput, output: StageOutput
) -> tuple[str, dict[str, str]]:
    """The content of the record, and the hash of every file."""
    from twophoton_decode.session.netcdf import write_record

    written = [work.folder.path / file for file in output.files]
    for path, data in zip(written, output.files.values(), strict=True):
        write_bytes(path, data)
    content = ""
    if output.record is not None:
        path = stage.record_path(work.folder, name)
        refuse_link_on_the_way(work.folder.path, path)
        content = write_record(path, output.record)
        written.append(path)
    return content, {work.folder.relative(path): hash_of(path) for path in written}


def _content(output: StageOutput) -> str:
    """What stands for the result of a stage without a record: its numbers."""
    told = json.dumps(output.summary, sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=20).hexdigest() if output.summary else ""


def _versions() -> dict[str, str]:
    found = {"tpdecode": __version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
