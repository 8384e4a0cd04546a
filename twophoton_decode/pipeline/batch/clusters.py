"""Where the sessions of a batch are worked on: here, by a scheduler that runs, or in jobs."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twophoton_decode import __version__
from twophoton_decode.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from distributed import Client

CLUSTERS = {
    "htcondor": "HTCondorCluster",
    "lsf": "LSFCluster",
    "moab": "MoabCluster",
    "oar": "OARCluster",
    "pbs": "PBSCluster",
    "sge": "SGECluster",
    "slurm": "SLURMCluster",
}
"""Queueing systems, and the class of dask-jobqueue that submits to each."""
_SLOT = "tpdecode-session"
_WAIT_S = 10.0
_NO_PORT = "127.0.0.1:0"
"""Dask always serves its status; so it takes a free port that only this machine reaches."""


@dataclass(frozen=True, eq=False)
class Place:
    """Workers, each of which works on one session at a time.

    Attributes
    ----------
    client : Client
    threads : int
        For each session; 0: not limited.
    resources : mapping of str to float
        What a session takes of its worker, so that no other begins beside it.
    told : str
        Workers and threads, in words.
    here : int
        Sessions at a time on this machine; 0: they are worked on elsewhere.
    """

    client: Client
    threads: int
    resources: Mapping[str, float]
    told: str
    here: int = 0


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def here(workers: int) -> Iterator[Place]:
    """So many sessions at a time on this machine, which share its cores.

    Workers are threads: each follows a process, and that does the work.
    """
    from distributed import Client, LocalCluster

    threads = max(1, cores() // workers)
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=workers, processes=False, dashboard_address=_NO_PORT,
        memory_limit=0, silence_logs="error",
    )  # fmt: skip
    with cluster, Client(cluster) as client:
        told = f"{workers} at a time, {threads} of {cores()} cores each"
        yield Place(client, threads, {}, told, workers)


@contextmanager
def scheduler_at(address: str) -> Iterator[Place]:
    """Workers of a Dask scheduler that runs already; a session takes one of their threads.

    Raises
    ------
    UsageError
        Nothing answers there, it has no workers, or they run another version of tpdecode.
    """
    from distributed import Client

    _require_answer(address)
    try:
        client = Client(address, timeout=_WAIT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise _no_scheduler(address, error) from error
    with client:
        slots = sum(client.nthreads().values())
        if not slots:
            raise UsageError(
                f"the scheduler at {address} has no workers. Start some, each with "
                f"`dask worker {address} --nthreads 1`."
            )
        _require_same_version(client, address)
        yield Place(client, 0, {}, f"{slots} at a time, by the workers of {address}")


@contextmanager
def queue_of(file: Path) -> Iterator[Place]:
    """Workers in jobs of a queueing system, which `file` describes.

    Raises
    ------
    UsageError, MissingExtraError
        See `described`; `job_cluster`.
    """
    from distributed import Client

    found = described(file)
    jobs, threads = found.get("jobs", 1), found["cores"] // found.get("processes", 1)
    with job_cluster(found) as cluster, Client(cluster, set_as_default=False) as client:
        cluster.scale(jobs=jobs)
        yield Place(client, threads, {_SLOT: 1}, f"{jobs} jobs of {found['cores']} cores")


def described(file: Path) -> dict[str, Any]:
    """Keys and values of a YAML file: ``cluster``, ``jobs``, and what dask-jobqueue takes.

    Raises
    ------
    UsageError
        It cannot be read, or lacks what is needed.
    """
    import yaml

    if not file.is_file():
        raise UsageError(f"{file}: there is no such file.")
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise UsageError(f"{file} cannot be read as YAML: {told}.") from error
    if not isinstance(found, dict) or found.get("cluster") not in CLUSTERS:
        raise UsageError(
            f"{file}: expected a line `cluster: NAME`, with one of {', '.join(CLUSTERS)}, and "
            "`cores`, `memory`, `walltime`, `jobs` beside it."
        )
    if missing := [key for key in ("cores", "memory") if key not in found]:
        raise UsageError(f"{file} lacks {' and '.join(missing)}: what one session may use.")
    for key in ("cores", "jobs", "processes"):
        if type(value := found.get(key, 1)) is not int or value < 1:
            raise UsageError(f"{file}: {key} = {value!r}; expected a whole number from 1.")
    _check(file, found)
    return found


def _check(file: Path, found: Mapping[str, Any]) -> None:
    """Refuse what YAML or dask-jobqueue would silently take for something else."""
    if found.get("processes", 1) > found["cores"]:
        raise UsageError(
            f"{file}: {found['processes']} processes have only {found['cores']} cores; expected at "
            "least one core for each."
        )
    # YAML 1.1 takes 12:00:00 for a number to the base of 60.
    if not isinstance(found.get("walltime", ""), str):
        raise UsageError(
            f'{file}: walltime = {found["walltime"]!r}; put it in quotes, such as "12:00:00".'
        )
    for key in ("worker_extra_args", "job_extra_directives", "job_script_prologue"):
        if not isinstance(found.get(key, []), list):
            raise UsageError(f"{file}: {key} = {found[key]!r}; expected a list.")


def job_cluster(found: Mapping[str, Any]) -> Any:
    """The cluster of dask-jobqueue that submits such jobs; none is submitted yet.

    Raises
    ------
    MissingExtraError
        dask-jobqueue is not installed.
    UsageError
        It does not take one of the keys.
    """
    try:
        with _own_signals():
            import dask_jobqueue
    except ImportError as error:
        raise MissingExtraError(
            "--cluster needs dask-jobqueue. Install it with: pip install 'tpdecode[cluster]'"
        ) from error
    given = {key: value for key, value in found.items() if key not in ("cluster", "jobs")}
    extra = [*given.pop("worker_extra_args", []), "--resources", f"{_SLOT}=1"]
    given = {"processes": 1, "scheduler_options": {"dashboard_address": _NO_PORT}, **given}
    given["worker_extra_args"] = extra
    try:
        return getattr(dask_jobqueue, CLUSTERS[found["cluster"]])(**given)
    except (TypeError, ValueError) as error:
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        told = f"it has no key {unknown[1]}" if unknown else str(error).partition("\n")[0]
        raise UsageError(f"dask-jobqueue does not take these settings: {told}.") from error


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what Ctrl-C does: to import dask-jobqueue makes it end Python without a word."""
    kept = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in kept.items():
            if threading.current_thread() is threading.main_thread():
                signal.signal(each, handler)


def _require_answer(address: str) -> None:
    """A client that finds nobody would complain again when it is thrown away."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    try:
        if not (colon and port.isdigit()):
            raise ValueError("no host and port")
        socket.create_connection((host.strip("[]"), int(port)), _WAIT_S).close()
    except (OSError, ValueError, OverflowError) as error:
        raise _no_scheduler(address, error) from error


def _no_scheduler(address: str, error: Exception) -> UsageError:
    return UsageError(
        f"no Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`, "
        "and give the address it prints, such as tcp://node1:8786."
    )


def _require_same_version(client: Client, address: str) -> None:
    """Another version would write other results, or records that this one cannot read."""
    try:
        found = set(client.run(_version).values())
    except ImportError as error:
        raise UsageError(
            f"the workers of {address} do not have tpdecode ({error}). Install version "
            f"{__version__} where they run."
        ) from error
    if others := sorted(found - {__version__}):
        raise UsageError(
            f"the workers of {address} run tpdecode {', '.join(others)}, and this is "
            f"{__version__}. Install the same version on all."
        )


def _version() -> str:
    return __version__
