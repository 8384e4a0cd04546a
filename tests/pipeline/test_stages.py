"""Declarations of stages: each once, light to read, and true."""

import json
import subprocess
import sys

import pytest

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.pipeline.chain import ALL, stages_of
from twophoton_decode.pipeline.stage import Number, Stage, StageInput, StageOutput
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.settings import ResponseSettings, Settings, Source

# `respond` is declared for movies and for arrays.
BY_NAME = {stage.name: stage for stage in ALL}
HEAVY = {
    "torch", "suite2p", "numba", "sklearn", "matplotlib", "scipy", "skimage", "h5netcdf", "h5py",
    "tifffile", "pandas", "jinja2",
}  # fmt: skip


def test_reading_the_declarations_loads_nothing_heavy():
    script = (
        "import sys, json\n"
        "from twophoton_decode.pipeline.chain import ALL\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not set(json.loads(done.stdout)) & HEAVY


def test_names_in_ledger_summary_and_files_are_told_apart():
    for each in (lambda s: s.in_summary, lambda s: s.file):
        values = [each(stage) for stage in BY_NAME.values() if each(stage)]
        assert len(values) == len(set(values))


def test_every_stage_that_is_named_exists_and_comes_before():
    settings = Settings(
        source=Source(log="log.csv", images="pictures", truth="truth.npz"),
        responses=ResponseSettings(time_bins_s=[0.0, 0.5]),
    )
    order = [stage.name for stage in stages_of(settings)]
    for place, stage in enumerate(stages_of(settings)):
        named = {*stage.reads, *stage.uses, *stage.begins_with}
        assert named <= set(order[:place]), stage.name


def test_a_stage_has_its_figures_under_a_heading():
    for stage in ALL:
        assert stage.section or not stage.draws, stage.name
        assert (stage.record is None) == (stage.file == ""), stage.name
        assert stage.title, stage.name


def test_stages_of_one_section_stand_together_on_the_page():
    sections = [stage.section for stage in sorted(ALL, key=lambda stage: stage.page_place)]
    starts = [s for place, s in enumerate(sections) if place == 0 or sections[place - 1] != s]
    assert len(starts) == len(set(starts))


def test_the_page_shows_every_stage_but_itself():
    (page,) = (stage for stage in ALL if stage.page)
    assert page.shows("encode")
    assert page.shows("reconstruct:ridge")
    assert not page.shows(page.name)
    assert BY_NAME["recovery"].shows("encode")
    assert not BY_NAME["recovery"].shows("reconstruct:ridge")


@pytest.mark.parametrize("stage", ALL, ids=lambda stage: stage.name)
def test_the_command_of_a_stage_that_messages_name_exists(stage):
    command = tpdecode
    *words, last = stage.run_by.split()
    for word in words:
        command = command.commands[word]
    if last.startswith("--"):
        assert last in {option for each in command.params for option in each.opts}
    else:
        assert last in command.commands


def test_a_stage_that_another_begins_with_is_no_command_of_its_own_unless_named():
    named = set(tpdecode.commands)
    for stage in ALL:
        for first in stage.begins_with:
            assert first in named or BY_NAME[first].run_by == stage.run_by


def test_a_stage_for_every_network_has_a_file_and_a_key_for_each(tmp_path):
    deep = Stage(
        name="deep-decode",
        title="features decoded",
        run=lambda work: StageOutput(),
        file="deep/decoding/{network}.nc",
        numbers=(Number("r", "r"),),
        per="network",
    )
    folder = SessionFolder(tmp_path)
    assert deep.key("lite0") == "deep-decode:lite0"
    assert deep.record_path(folder, "lite0") == tmp_path / "deep/decoding/lite0.nc"
    work = StageInput(folder, Settings(), Ledger(tmp_path / "ledger.json"), network="lite0")
    assert deep.file.format(decoder=work.decoder, network=work.network).endswith("lite0.nc")
