"""``tpdecode batch``: many sessions at a time, on this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twophoton_decode.cli.batch_display import shown
from twophoton_decode.cli.columns import aligned
from twophoton_decode.cli.console import echo
from twophoton_decode.cli.options import decoder_option, verify_option
from twophoton_decode.cli.planned_sessions import sessions_of_table
from twophoton_decode.words import counted

if TYPE_CHECKING:
    from twophoton_decode.pipeline.batch.clusters import Place
    from twophoton_decode.pipeline.batch.outcome import Outcome

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("sessions", nargs=-1, metavar="SESSION…", type=click.Path(path_type=Path))
@click.option(
    "--table",
    "table_file",
    type=_FILE,
    metavar="FILE",
    help="A row a session (CSV or .xlsx): session, movie, log, images, mouse, frame_rate_hz, or "
    "any SECTION.KEY. Sessions that are not there are made. Several movies: with semicolons.",
)
@click.option(
    "--defaults",
    "defaults_file",
    type=_FILE,
    metavar="FILE",
    help="Settings that the sessions of --table share, as in session.toml.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Sessions at a time on this machine; by default one for every two cores.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Use the workers of this Dask scheduler, tcp://host:8786.",
)
@click.option(
    "--cluster",
    "cluster_file",
    type=_FILE,
    metavar="FILE",
    help="Submit jobs to a queueing system (SLURM, PBS, SGE, …) that this YAML file describes.",
)
@click.option(
    "--job-script", is_flag=True, help="Print the job that --cluster would submit, and end."
)
@click.option(
    "--retry-failed",
    is_flag=True,
    help="Leave out sessions that the table of -o calls done; without SESSION, take it from there.",
)
@click.option(
    "-o",
    "--output",
    type=_FILE,
    default=Path("batch.csv"),
    show_default=True,
    metavar="FILE",
    help="Table of what became of each session; rows of other sessions stay.",
)
@decoder_option
@verify_option
@click.option("-q", "--quiet", is_flag=True, help="Print only what failed.")
def batch(
    sessions: tuple[Path, ...],
    table_file: Path | None,
    defaults_file: Path | None,
    workers: int | None,
    scheduler: str | None,
    cluster_file: Path | None,
    job_script: bool,
    retry_failed: bool,
    output: Path,
    decoders: tuple[str, ...],
    verify: bool,
    quiet: bool,
) -> None:
    """Run every stage of many sessions, several at a time.

    Each session runs in a process of its own, as by `tpdecode run`: if one fails, the others
    go on, and the reason is in the table at the end. After an interruption, the same command
    finishes the rest.

    \b
    Example:
      tpdecode batch mice/*/session.toml --workers 4
      tpdecode batch --table sessions.csv --defaults defaults.toml
      tpdecode batch mice/*/session.toml --cluster slurm.yaml
      tpdecode batch --retry-failed
    """
    from twophoton_decode.errors import UsageError
    from twophoton_decode.pipeline.batch.outcome import read_outcomes, write_outcomes

    _refuse_both(workers, scheduler, cluster_file)
    if job_script:
        _print_job_script(cluster_file)
        return
    known = read_outcomes(output)
    if retry_failed and not known:
        raise UsageError(
            f"{output} holds no session, so that nothing is known to have failed. Name the table "
            "of the former batch with -o, or leave out --retry-failed."
        )
    todo, unmade = _sessions(sessions, table_file, defaults_file, retry_failed, known)
    arguments = [*(word for name in decoders for word in ("--decoder", name))]
    arguments += ["--verify"] if verify else []
    outcomes = {**known, **unmade}
    write_outcomes(output, outcomes)
    if todo:
        place = _place(todo, workers, scheduler, cluster_file)
        found = _work(todo, tuple(arguments), place, outcomes, output, quiet=quiet)
    else:
        found = {}
    _tell({**unmade, **found}, output, quiet=quiet)


def _refuse_both(*given: object) -> None:
    from twophoton_decode.errors import UsageError

    if sum(each is not None for each in given) > 1:
        raise UsageError("give one of --workers, --scheduler and --cluster.")


def _print_job_script(cluster_file: Path | None) -> None:
    from twophoton_decode.errors import UsageError
    from twophoton_decode.pipeline.batch.clusters import described, job_cluster

    if cluster_file is None:
        raise UsageError("--job-script prints the job of --cluster; name that file too.")
    with job_cluster(described(cluster_file)) as cluster:
        for line in cluster.job_script().splitlines():
            echo(line)


def _sessions(
    named: Sequence[Path],
    table_file: Path | None,
    defaults_file: Path | None,
    retry_failed: bool,
    known: Mapping[str, Outcome],
) -> tuple[list[str], dict[str, Outcome]]:
    """Folders to be worked on, as absolute paths, and those that cannot be, with the reason."""
    from twophoton_decode.errors import UsageError

    if defaults_file is not None and table_file is None:
        raise UsageError("--defaults are settings for the sessions of --table; name that file too.")
    paths = list(named)
    if retry_failed and not named and table_file is None:
        paths = [Path(each) for each, outcome in known.items() if outcome.state != "done"]
    made: list[Path] = []
    failed: dict[str, Outcome] = {}
    if table_file is not None:
        made, failed = sessions_of_table(table_file, defaults_file)
    if not (paths or made or failed or retry_failed):
        raise UsageError(
            "no session is named. Name some, such as FOLDER/*/session.toml, or a table with "
            "--table."
        )
    done = {name for name, each in known.items() if each.state == "done"} if retry_failed else set()
    folders = dict.fromkeys(
        str((path.parent if path.name == "session.toml" else path).resolve())
        for path in (*paths, *made)
    )
    todo = [each for each in folders if each not in done]
    unfit = {each: why for each in todo if (why := _unfit(each))}
    for each, outcome in unfit.items():
        echo(f"{shown(each)}: {outcome.result}", err=True)
    return [each for each in todo if each not in unfit], failed | unfit


def _unfit(session: str) -> Outcome | None:
    """What is said of a folder that is no session, or has settings that cannot be used."""
    from twophoton_decode.cli.main import message_of
    from twophoton_decode.errors import TpDecodeError, UsageError
    from twophoton_decode.pipeline.batch.outcome import Outcome
    from twophoton_decode.session.folder import SessionFolder

    try:
        if "*" in session and not Path(session).exists():
            raise UsageError("nothing matches this pattern.")
        SessionFolder.open(Path(session)).settings()
    except (TpDecodeError, OSError) as error:
        return Outcome(session, "failed", 0.0, message_of(error))
    return None


def _place(
    todo: Sequence[str], workers: int | None, scheduler: str | None, cluster_file: Path | None
) -> AbstractContextManager[Place]:
    from twophoton_decode.pipeline.batch.clusters import cores, here, queue_of, scheduler_at

    if scheduler is not None:
        return scheduler_at(scheduler)
    if cluster_file is not None:
        return queue_of(cluster_file)
    return here(min(len(todo), workers or max(1, cores() // 2)))


def _warn_of_memory(todo: Sequence[str], place: Place) -> None:
    """Say where ROI detection in sessions at the same time may ask for more than there is.

    It is not lowered by itself: detection averages in coarser bins where memory is short, so
    the ROIs would depend on how many workers there are.
    """
    from twophoton_decode.files.arrays.memory import available_bytes
    from twophoton_decode.session.folder import SessionFolder

    if not place.here:
        return
    settings = [SessionFolder.open(Path(each)).settings() for each in todo]
    wanted = sorted(each.extraction.memory_gb for each in settings if each.source.kind == "movie")
    together, free = sum(wanted[-place.here :]), (available_bytes() or 0) / 1e9
    if free and together > free:
        echo(
            f"warning: ROI detection in {counted(min(place.here, len(wanted)), 'session')} at a "
            f"time may take {together:.0f} GB (memory_gb in [extraction]), and {free:.0f} GB are "
            "free. Use fewer --workers, or lower memory_gb.",
            err=True,
        )


def _work(
    todo: Sequence[str],
    arguments: tuple[str, ...],
    place: AbstractContextManager[Place],
    outcomes: dict[str, Outcome],
    output: Path,
    *,
    quiet: bool,
) -> dict[str, Outcome]:
    """What became of every session; the table is written as soon as one ends."""
    from twophoton_decode.cli.batch_display import BatchDisplay
    from twophoton_decode.pipeline.batch.child import Job
    from twophoton_decode.pipeline.batch.work import Batch

    found: dict[str, Outcome] = {}

    def take(outcomes_left: Any) -> None:
        for each in outcomes_left:
            outcome = _with_result(each)
            found[each.session] = outcomes[each.session] = outcome
            _keep(output, outcomes)
            display.ended(outcome)

    with place as workers, BatchDisplay(len(todo), quiet=quiet) as display:
        if not quiet:
            echo(f"{counted(len(todo), 'session')}, {workers.told}.")
        _warn_of_memory(todo, workers)
        work = Batch(
            [Job(each, arguments, workers.threads) for each in todo], workers, display.heard
        )
        try:
            take(work.outcomes())
        except KeyboardInterrupt:
            echo("Stopping. Finished stages are kept.", err=True)
            work.stop()
            take(work.outcomes())
    return found


def _keep(output: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Write the table; sessions go on where it cannot be, as on a disk that is full."""
    from twophoton_decode.pipeline.batch.outcome import write_outcomes

    try:
        write_outcomes(output, outcomes)
    except OSError as error:
        echo(f"{output} could not be written ({error.strerror}); sessions go on.", err=True)


def _with_result(outcome: Outcome) -> Outcome:
    """With the main result of a session that is done."""
    from dataclasses import replace

    from twophoton_decode.cli.headline import in_short
    from twophoton_decode.session.folder import SessionFolder

    if outcome.state != "done":
        return outcome
    return replace(outcome, result=in_short(SessionFolder.open(Path(outcome.session))))


def _tell(found: dict[str, Outcome], output: Path, *, quiet: bool) -> None:
    """A table of all sessions of this call, and the exit code."""
    if not quiet and found:
        rows = [("session", "state", "result")]
        rows += [(shown(each.session), each.state, each.result) for each in found.values()]
        for line in ("", *aligned(rows)):
            echo(line)
        done = [each.session for each in found.values() if each.state == "done"]
        echo("")
        echo(f"{len(done)} of {counted(len(found), 'session')} done; {output} has the table.")
        if len(done) < len(found):
            echo("The same command tries the others again; --retry-failed leaves out those done.")
    elif not found:
        echo("nothing to do: every session is done.")
    states = {each.state for each in found.values()}
    if "interrupted" in states:
        raise KeyboardInterrupt
    if "failed" in states:
        click.get_current_context().exit(1)
