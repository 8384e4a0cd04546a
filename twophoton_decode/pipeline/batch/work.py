"""A batch: jobs handed to workers, what they say on the way, and what became of each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from twophoton_decode.pipeline.batch.child import GRACE_S, Job, may_begin, stop_all, work_through
from twophoton_decode.pipeline.batch.clusters import Place
from twophoton_decode.pipeline.batch.outcome import Outcome

Tell = Callable[[str, str], None]
"""Gets a session and a line that was printed about it."""


class Batch:
    """Jobs that workers have begun with.

    Parameters
    ----------
    jobs : sequence of Job
    place : Place
    tell : callable
        Called from another thread.
    """

    def __init__(self, jobs: Sequence[Job], place: Place, tell: Tell) -> None:
        self._client, self._tell = place.client, tell
        topic = f"tpdecode-{uuid.uuid4().hex}"
        self._client.run(may_begin)
        self._client.subscribe_topic(topic, self._heard)
        # A job whose worker was lost is given to another once: its finished stages are kept.
        self._left = {
            self._client.submit(
                _on_worker, job, topic, pure=False, retries=1,
                resources=dict(place.resources) or None,
            ): job
            for job in jobs
        }  # fmt: skip
        self._wait_s: float | None = None

    def outcomes(self) -> Iterator[Outcome]:
        """What became of each job, as soon as it is known; asked again, of those left."""
        from distributed import as_completed

        try:
            for future in as_completed(
                list(self._left), loop=self._client.loop, timeout=self._wait_s
            ):
                yield _outcome(future, self._left.pop(future))
        except TimeoutError:
            self._client.cancel(list(self._left))
            for job in self._left.values():
                yield _not_begun(job)
            self._left.clear()

    def stop(self) -> None:
        """Begin nothing more, and end what runs as by Ctrl-C; `outcomes` tells the rest."""
        working = self._client.run(stop_all)
        self._wait_s = GRACE_S + 5 if working else 0

    def _heard(self, event: tuple[float, Any]) -> None:
        self._tell(*event[1])


def _on_worker(job: Job, topic: str) -> Outcome:
    from distributed import get_worker

    worker = get_worker()
    return work_through(job, lambda line: worker.log_event(topic, (job.session, line)))


def _outcome(future: Any, job: Job) -> Outcome:
    """What the worker returned; where a worker was lost, that."""
    if future.status == "cancelled":
        return _not_begun(job)
    error = future.exception()
    if error is None:
        found = future.result()
        assert isinstance(found, Outcome)
        return found
    return Outcome(
        job.session, "failed", 0.0, f"its worker was lost ({type(error).__name__}: {error})"
    )


def _not_begun(job: Job) -> Outcome:
    return Outcome(job.session, "interrupted", 0.0, "not begun")
