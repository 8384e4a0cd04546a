"""Everything there is on one page."""

from __future__ import annotations

from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.settings import Settings


def run(work: StageInput) -> StageOutput:
    """Collect figures, notes, settings and provenance.

    Stale results are named, not shown: a page must not mix what belongs to two settings.
    """
    from functools import partial

    from twophoton_decode.pipeline.page.content import page_content
    from twophoton_decode.pipeline.page.records import explorable
    from twophoton_decode.report.data.gather import small_page_data
    from twophoton_decode.report.page import report_page

    records, notes = explorable(work)
    page = report_page(
        **page_content(work, notes),
        explorer=None if records is None else partial(small_page_data, records),
    )
    return StageOutput(files={work.folder.report.name: page.encode()})


REPORT = Stage(
    name="report",
    title="everything on one page",
    run=run,
    # The page lists every setting.
    depends_on=tuple(Settings.model_fields),
    revision=9,
    page=True,
)
