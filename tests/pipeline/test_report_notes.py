"""Notes of the stages on the page, and on the terminal: what decoders share is said once."""

from types import SimpleNamespace

from twophoton_decode.pipeline.page.content import _notes
from twophoton_decode.session.ledger import Entry


def entry(*notes, unavailable=""):
    return Entry({}, {}, {}, "", 1, {}, 0, "", 0.0, notes=list(notes), unavailable=unavailable)


def test_a_note_that_decoders_share_is_listed_once_with_their_names():
    entries = {
        "respond": entry("2 cells were left out"),
        "complementarity:bayes": entry("27 cells have no field", "local: none"),
        "stability-report:bayes": entry(unavailable="one repeat"),
        "complementarity:ridge": entry("27 cells have no field"),
        "stability-report:ridge": entry("27 cells have no field", unavailable="one repeat"),
    }
    assert list(_notes(SimpleNamespace(stale=("encode",)), entries)) == [
        "respond: 2 cells were left out",
        "complementarity:bayes, ridge: 27 cells have no field",
        "complementarity:bayes: local: none",
        "stability-report:bayes, ridge: unavailable. one repeat",
        "stability-report:ridge: 27 cells have no field",
        "encode: stale, and therefore not shown; `tpdecode run` brings it up to date",
    ]
