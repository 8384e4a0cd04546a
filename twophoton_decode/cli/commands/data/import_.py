"""``tpdecode import``: start at other people's responses."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.data.import_nwb import nwb
from twophoton_decode.cli.commands.data.import_sensorium import sensorium
from twophoton_decode.cli.commands.data.import_suite2p import suite2p
from twophoton_decode.cli.data_options import new_session_option
from twophoton_decode.cli.options import as_stored, mouse_option, verbosity_options, working_on


@click.group("import")
def import_() -> None:
    """Start from data without a movie."""


import_.add_command(nwb)
import_.add_command(sensorium)
import_.add_command(suite2p)


@import_.command()
@click.option(
    "--responses",
    required=True,
    metavar="FILE[=KEY]",
    help="Array in .npy .npz .mat .h5 .nwb .nc .zarr .csv; if it holds several, =KEY names one, "
    "such as =struct.field or =group/name.",
)
@click.option(
    "--axes",
    required=True,
    help='Axes of the responses in the order of the file: "repeat image cell", "image cell" or '
    '"presentation cell", in any order, with names of your own for further axes.',
)
@click.option(
    "--average", multiple=True, metavar="AXIS", help="Average over a further axis; may be repeated."
)
@click.option(
    "--join",
    multiple=True,
    metavar='"AXIS … AXIS"',
    help='Join axes into one, such as "plane cell"; the last word names the joined axis.',
)
@click.option(
    "--images",
    default="",
    metavar="FILE[=KEY]|FOLDER",
    help="The images shown, in the order of the responses. Without it, conditions have no "
    "pictures: responses and dissimilarities of populations are described, nothing is decoded.",
)
@click.option(
    "--image-shape", default="", metavar="HxW", help="Shape of flattened images, such as 31x31."
)
@click.option(
    "--image-axes",
    default="",
    metavar='"AXIS … AXIS"',
    help='Axes of images in an array, in the order of the file, such as "y x image"; "image x y" '
    "for images flattened column by column.",
)
@click.option(
    "--labels",
    default="",
    metavar="FILE[=KEY]",
    help='Axes "presentation cell": the image of each row, as the name or number of a picture; an '
    "array, or .csv .txt with one label a line or =COLUMN.",
)
@click.option(
    "--groups",
    default="",
    metavar="FILE[=KEY]",
    help="Group of each picture, as a name or number, such as the scene it shows: pictures of "
    "one group share a fold. Same kinds of file as --labels.",
)
@click.option(
    "--categories",
    default="",
    metavar="FILE[=KEY]",
    help="Category of each picture, which `tpdecode deep decode` identifies among categories that "
    "trained nothing. Same kinds of file as --labels.",
)
@click.option(
    "--populations",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="CSV with the columns roi and population: the brain area, say, of each cell, counted "
    "from 0. Saved to session.toml.",
)
@click.option(
    "--first-index",
    type=click.Choice(["0", "1"]),
    help="Number of the first picture in --labels: 0, or 1 as in MATLAB. Saved to session.toml.",
)
@click.option(
    "--picture-numbers",
    type=click.Choice(["auto", "index", "name"]),
    help="Meaning of a number in --labels: index of a picture, or number in its name; auto: number "
    "in its name if all numbers occur there, unless --first-index 1. Saved to session.toml.",
)
@click.option(
    "--missing",
    multiple=True,
    type=float,
    metavar="VALUE",
    help="A value that means a missing response, besides NaN; may be repeated. Saved to "
    "session.toml.",
)
@click.option(
    "--partial",
    type=click.Choice(["cell-mean", "drop-cells", "drop-presentations", "refuse"]),
    help="If a response is missing in some cells: give decoders the cell's mean over all "
    "presentations (default), drop the cell or presentation, or refuse. Saved to session.toml.",
)
@mouse_option
@new_session_option
@verbosity_options
def arrays(
    responses: str,
    axes: str,
    images: str,
    image_shape: str,
    image_axes: str,
    labels: str,
    groups: str,
    categories: str,
    average: tuple[str, ...],
    join: tuple[str, ...],
    populations: str | None,
    first_index: str | None,
    picture_numbers: str | None,
    missing: tuple[float, ...],
    partial: str | None,
    mouse: str | None,
    session: Path,
    verbose: bool,
    quiet: bool,
) -> None:
    """Import response matrices and the images they belong to.

    \b
    Example:
      tpdecode import arrays --responses R.npy --axes "repeat image cell" \\
          --images I.npy --image-shape 31x31 -o S
      tpdecode reconstruct S
    """
    from twophoton_decode.formats.matrices.conditions import refuse_options_of_pictures
    from twophoton_decode.pipeline.inputs.sources import source_paths
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.settings.file import source_of
    from twophoton_decode.session.unfinished import taken_back_on_failure
    from twophoton_decode.settings import Settings

    refuse_options_of_pictures(
        images, image_shape=image_shape, image_axes=image_axes, categories=categories
    )
    source = source_of(
        "tpdecode import arrays",
        kind="arrays",
        responses=as_stored(responses, session),
        axes=axes,
        average=list(average),
        join=list(join),
        images=as_stored(images, session) if images else "",
        labels=as_stored(labels, session) if labels else "",
        groups=as_stored(groups, session) if groups else "",
        categories=as_stored(categories, session) if categories else "",
        image_shape=image_shape,
        image_axes=image_axes,
    )
    for name in ("responses", "images", "labels", "groups", "categories"):
        source_paths(SessionFolder(session), source, name)
    given = {
        "recording.first_index": None if first_index is None else int(first_index),
        "log.picture_numbers": picture_numbers,
        "responses.missing_values": list(missing) or None,
        "responses.partial_missing": partial,
        "responses.populations_file": populations and as_stored(populations, session),
        "subject.mouse": mouse,
    }
    with taken_back_on_failure(session):
        SessionFolder.create(session, Settings(source=source))
        with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
            work.run_only("respond")
            work.say(work.ledger["respond"].summary["stimulus"])
