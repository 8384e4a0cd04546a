"""suite2p's process, with a home inside the session for as long as it runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from twophoton_decode.extraction.suite2p.process import Suite2pProcess
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.settings import ExtractionSettings


@contextmanager
def suite2p_process(work: StageInput, settings: ExtractionSettings) -> Iterator[Suite2pProcess]:
    """The process, importing suite2p already; what it leaves behind is removed at the end."""
    log = work.folder.logs / "extract.log"
    try:
        with Suite2pProcess(
            log, work.folder.scratch, classifier=settings.classifier, device=settings.device
        ) as suite2p:
            yield suite2p
    finally:
        shutil.rmtree(work.folder.scratch, ignore_errors=True)
