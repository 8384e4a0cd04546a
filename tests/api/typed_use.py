"""What a type checker sees of the front door: `make check` reads this, and nothing runs it.

A call that the checker must refuse carries an ignore, which is an error where nothing is wrong.
"""

import twophoton_decode as tp

session: tp.Session = tp.open("S")
made: tp.Simulation = tp.simulate(cells=3)
tp.decoders.Ridge(per_feature=True)
tp.folds.ByImage(5)
tp.features.Gabor((8, 8)).count + 1
session.reconstruction["ridge"].to_xarray()
tp.simulate(cell=3)  # type: ignore[call-arg]
tp.opn("S")  # type: ignore[attr-defined]
