"""A user's style file: read as text, refused with the key and the line, never run."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from twophoton_decode.errors import UsageError
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.style_file import hardly_used, read_style


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "mine.mplstyle"

    def write(text):
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_settings_are_read_as_matplotlib_reads_them(written):
    path = written(
        "# A style\n\nfont.size: 8 # points\n"
        'axes.facecolor: "#eeeeee"\nlines.linewidth : 2\nxtick.direction: in\n'
        "font.sans-serif: Arial, Helvetica\n"
    )
    found = read_style(path)
    assert found == {
        "font.size": 8.0,
        "axes.facecolor": "#eeeeee",
        "lines.linewidth": 2.0,
        "xtick.direction": "in",
        "font.sans-serif": ["Arial", "Helvetica"],
    }
    with style.applied(found):
        assert matplotlib.rcParams["font.size"] == 8
        assert matplotlib.rcParams["svg.fonttype"] == "none"
    assert matplotlib.rcParams["font.size"] != 8


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        ("cycler('color', ['r', 'g'])", ["r", "g"]),
        ("cycler(color=['0.1', 'blue'])", ["0.1", "blue"]),
        ("cycler('color', 'rgb')", ["r", "g", "b"]),
        ("cycler('color', ['r', 'b']) + cycler('linestyle', ['-', ':'])", ["r", "b"]),
        ("cycler('linewidth', [1, 2]) * cycler('color', ['r', 'b'])", ["r", "b", "r", "b"]),
    ],
)
def test_cycles_are_built_from_their_parts(written, text, colours):
    found = read_style(written(f"axes.prop_cycle: {text}"))
    assert found["axes.prop_cycle"].by_key()["color"] == colours


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch {mark}')",
        "cycler('color', [open('{mark}', 'w')])",
        "cycler('color', [x for x in 'rgb'])",
        "cycler('color', ['r'] * 10**9)",
        "(lambda: 1)()",
        "cycler.__class__('color', ['r'])",
        "cycler(*['color', ['r']])",
        "cycler('color')",
        "cycler('nothing', [1, 2])",
        "cycler('color', ['r'",
        " * ".join(f"cycler({name}=[{'1, ' * 100}])" for name in ("lw", "ms", "alpha", "mew")),
        "[" * 5000,
    ],
)
def test_nothing_in_a_cycle_runs(written, tmp_path, text):
    mark = tmp_path / "mark"
    path = written(f"axes.prop_cycle: {text.replace('{mark}', str(mark))}")
    with pytest.raises(UsageError, match=r"line 1: axes\.prop_cycle cannot be"):
        read_style(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("font.siz: 8", r"has no key 'font.siz'; did you mean font.size\?"),
        ("foo.bar: 1", r"has no key 'foo.bar'\.$"),
        ("savefig.dp: 100", r"has no key 'savefig.dp'\.$"),
        (
            "axes.prop_cycle: cycler('color', f(3))",
            r"cannot be .*: expected plain values such as 'r' or \[1, 2\], found f\(3\)$",
        ),
        (
            "axes.prop_cycle: cycler(color=[x.y for x in 'abc'] + ['a' for every in 'long'])",
            r"found \[x\.y for x in 'abc'\] \+ \['a' for every in …$",
        ),
        ("nothing at all", "expected `key: value`, found 'nothing at all'"),
        ("text.usetex: True", "text.usetex cannot be set here"),
        ("text.latex.preamble: x", "text.latex.preamble cannot be set here"),
        ("savefig.directory: /", "savefig.directory cannot be set here"),
        ("backend: module://evil", "backend cannot be set here"),
        ("animation.ffmpeg_path: /bin/sh", "animation.ffmpeg_path cannot be set here"),
        ("figure.figsize: 20, 20", "figure.figsize cannot be set here"),
        ("font.size: big", "font.size cannot be 'big'"),
        ("axes.facecolor: notacolour", "axes.facecolor cannot be 'notacolour'"),
    ],
)
def test_what_cannot_be_used_is_refused_by_line_and_key(written, line, said):
    path = written(f"font.weight: bold\n{line}\n")
    with pytest.raises(UsageError, match=said) as error:
        read_style(path)
    assert "line 2" in str(error.value)


def test_a_key_that_is_there_twice_is_refused(written):
    with pytest.raises(UsageError, match=r"line 2: font\.size is there twice"):
        read_style(written("font.size: 8\nfont.size: 9"))


def test_files_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read as text"):
        read_style(tmp_path / "gone.mplstyle")
    with pytest.raises(UsageError, match="cannot be read as text"):
        read_style(tmp_path)
    path = tmp_path / "image.png"
    path.write_bytes(np.random.default_rng(0).bytes(1000))
    with pytest.raises(UsageError, match="cannot be read as text"):
        read_style(path)
    path.write_bytes(b"#" * 200_000)
    with pytest.raises(UsageError, match="larger than"):
        read_style(path)


def test_the_size_of_type_scales_what_the_file_does_not_size(written):
    own = read_style(written("font.size: 14\naxes.titlesize: 9"))
    with style.applied():
        house = matplotlib.rcParams["xtick.labelsize"]
    with style.applied(own):
        # The house's type is 7 pt.
        assert matplotlib.rcParams["xtick.labelsize"] == 2 * house
        assert matplotlib.rcParams["axes.titlesize"] == 9


def test_settings_that_the_figures_make_themselves_are_named(written):
    own = read_style(written("font.size: 8\nlines.linewidth: 3\nxtick.direction: in"))
    assert hardly_used(own) == ["lines.linewidth"]
