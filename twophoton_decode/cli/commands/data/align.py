"""``tpdecode align``: onsets of a log by a recorded photodiode or TTL trace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.options import verbosity_options
from twophoton_decode.words import counted, true_minus

if TYPE_CHECKING:
    from twophoton_decode.pipeline.clock_alignment import LaidOver

_MOST_NAMED = 12
_FILE = click.Path(path_type=Path)
_RAW_TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")


@click.command()
@click.argument("log", type=_FILE, metavar="LOG")
@click.option(
    "--trace",
    required=True,
    metavar="FILE[=KEY]",
    help="Photodiode or TTL trace: WaveSurfer .h5, NWB, HDF5, .npy, .mat, .csv, or raw binary; "
    "=KEY names an array, a time series or a sweep.",
)
@click.option(
    "--column",
    type=click.IntRange(1),
    default=1,
    help="Column or channel of the trace; the first is 1. A bit, for WaveSurfer's digitalScans.",
)
@click.option(
    "--trace-rate-hz",
    type=click.FloatRange(0, min_open=True),
    help="Samples per second, if the file does not say it.",
)
@click.option(
    "--dtype", type=click.Choice(_RAW_TYPES), help="The trace is raw binary, of samples like this."
)
@click.option("--columns", type=click.IntRange(1), default=1, help="Columns of raw binary.")
@click.option(
    "--edges",
    type=click.Choice(["rising", "falling", "both"]),
    default="rising",
    help="What marks an onset: the trace gets brighter (default), gets darker, or either.",
)
@click.option("--threshold", type=float, help="Threshold instead of the middle of the two levels.")
@click.option(
    "--debounce-ms",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    help="Crossings nearer to each other than this are one flip.",
)
@click.option(
    "--tolerance-ms",
    type=click.FloatRange(0, min_open=True),
    help="How far a flip may be from its onset after the fit. Default: 50 ms, or a fifth of the "
    "log's short intervals where less.",
)
@click.option(
    "--frames",
    default="",
    metavar="FILE[=KEY]",
    help="Frame clock of the microscope, recorded together with the trace: onsets then count "
    "from the first frame.",
)
@click.option(
    "--frames-column", type=click.IntRange(1), default=1, help="Column or channel of --frames."
)
@click.option("--onset-column", default="", metavar="NAME", help="Column of the log's onsets.")
@click.option(
    "--onset-unit",
    type=click.Choice(["auto", "s", "ms", "us", "ns"]),
    default="auto",
    help="Unit of the log's onsets, if the column's name does not say it.",
)
@click.option("--image-column", default="", metavar="NAME", help="Column of pictures or clips.")
@click.option(
    "--min-matched",
    type=click.FloatRange(0, 1),
    default=0.9,
    show_default=True,
    help="Share of rows that need a flip.",
)
@click.option(
    "--offset-near-s",
    type=float,
    metavar="S",
    help="Time of the trace at which the log's clock reads 0 (or the first time of day), roughly: "
    "chooses among alignments that fit about as well.",
)
@click.option(
    "-o", "--output", type=_FILE, metavar="ALIGNED.csv", help="The log with onsets of the trace."
)
@click.option("--figure", type=_FILE, metavar="FILE.png", help="Picture of the match.")
@verbosity_options
def align(log: Path, output: Path | None, figure: Path | None, verbose: bool, quiet: bool,
          **given: object) -> None:  # fmt: skip
    """Take a log's onsets from a recorded photodiode or TTL trace.

    Finds the flips of the trace, matches them with the log although some are missed or extra,
    and fits offset and drift of the two clocks. Writes the log with the new column onset_s; the
    old one is kept. Nothing is written if the match is not unique, could be chance, or
    covers too few rows. Without --output it only reports.

    \b
    Example:
      tpdecode align shown.csv --trace sync.h5 --column 2 -o aligned.csv --figure aligned.png
      tpdecode align shown.csv --trace sync.npy --trace-rate-hz 10000 --frames frames.npy
      tpdecode align shown.csv --trace sync.bin --dtype int16 --columns 8 --trace-rate-hz 30000
    """
    from twophoton_decode.cli.console import Console
    from twophoton_decode.pipeline.clock_alignment import lay_over, refuse, save_figure, write_log

    with Console(verbose - quiet) as console:
        made = lay_over(log, output, figure, given, console.progress)
        for line in _lines(made):
            console.say(line)
        if figure is not None:
            save_figure(made, figure)
            console.say(f"figure    {figure}")
        refuse(made)
        for note in made.notes:
            console.say(f"note: {note}.")
        if output is not None:
            for change in write_log(made, output):
                console.say(f"note: {change}.")
            console.say(f"written   {output}: onset_s counts from {made.zero}")


def _lines(made: LaidOver) -> list[str]:
    found, trace, levels = made.alignment, made.trace, made.levels
    rows, matched = found.log_s.size, found.matched_row.size
    lines = [
        f"trace     {trace.name}: {trace.duration_s:.1f} s at {trace.rate_hz:g} Hz, levels "
        f"{levels.low:.4g} and {levels.high:.4g}, threshold {levels.threshold:.4g}",
        f"flips     {found.flip_s.size} {made.edges}",
        f"matched   {matched} of {counted(rows, 'row')}, within {1e3 * found.within_s:.3g} ms",
        f"missed    {_named(made.log.lines(found.missed_row), made.log.table.line_word)}",
        f"extra     {_times(found.extra_flip_s.tolist())}",
        f"clock     trace time = {found.offset_s:.6f} s + (1 {_ppm(found.drift)}) x log time",
        f"jitter    MAD {1e3 * found.jitter_s:.3f} ms, largest "
        f"{1e3 * abs(found.residual_s).max():.3f} ms",
        f"unique    {found.tight_rows} rows within {1e3 * found.tight_s:.3g} ms; the next best "
        f"alignment has {found.next_rows}" + _shift(found.next_shift_s),
    ]
    if made.frames is not None:
        lines.append(
            f"frames    {made.frames.frames}, {made.frames.rate_hz:.6g} per s, the first at "
            f"{made.frames.first_s:.6f} s of the trace"
        )
    return lines


def _shift(seconds: float) -> str:
    return "" if seconds != seconds else f", {true_minus(f'{seconds:+.4g}')} s away"


def _ppm(drift: float) -> str:
    return f"{'-' if drift < 0 else '+'} {abs(1e6 * drift):.1f} ppm"


def _named(lines: list[int], word: str) -> str:
    more = f" and {len(lines) - _MOST_NAMED} more" if len(lines) > _MOST_NAMED else ""
    shown = ", ".join(map(str, lines[:_MOST_NAMED]))
    return f"{counted(len(lines), 'row')}" + (f" ({word} {shown}{more})" if lines else "")


def _times(seconds: list[float]) -> str:
    more = f" and {len(seconds) - _MOST_NAMED} more" if len(seconds) > _MOST_NAMED else ""
    shown = ", ".join(f"{each:.3f}" for each in seconds[:_MOST_NAMED])
    return f"{counted(len(seconds), 'flip')}" + (f" (at {shown}{more} s)" if seconds else "")
