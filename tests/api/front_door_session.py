"""A small simulated session, run as far as the examples of the front door go."""

import twophoton_decode as tp


def make_population(path):
    """30 cells, 16 pictures, 4 repeats; responses and one reconstruction."""
    made = tp.simulate(cells=30, images=16, repeats=4, picture_px=32, session=path)
    made.session.set("decoding.permutations", 50)
    made.session.set("decoding.bootstraps", 100)
    made.session.set("run.decoders", ["ridge"])
    made.session.run("respond", "reconstruct", say=None)
    return made
