"""What do a network's layers make of the pictures?"""

from __future__ import annotations

from typing import Any

from twophoton_decode.pipeline.inputs.network_features import SETTINGS, SOURCES, features_of
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records.deep.feature_set import FeatureSet

FILE = "deep/features/{network}.nc"


def run(work: StageInput) -> StageOutput:
    """The activities of every layer for every picture."""
    found = features_of(work, work.network)
    return StageOutput(record=found, summary=_summary(found), notes=found.notes)


def _summary(found: FeatureSet) -> dict[str, Any]:
    """How the network was given the pictures, and the size of each layer."""
    layers = {
        name: {"units": int(shape.prod()), "kept": int((found.layer_of_unit == place).sum())}
        for place, (name, shape) in enumerate(zip(found.layers, found.layer_shape, strict=True))
    }
    return {
        "images": len(found.image_name),
        "input_px": found.input_px,
        "source_px": found.source_px,
        "colour": "grey" if found.grey else "rgb",
        "weights_sha256": found.sha256,
        "layers": layers,
    }


def _told(numbers: Numbers) -> str:
    layers = ", ".join(
        f"{name} {each['kept']} of {each['units']}" for name, each in numbers["layers"].items()
    )
    return (
        f"{numbers['images']} pictures at {numbers['input_px']} px in {numbers['colour']}; units "
        f"of each layer: {layers}"
    )


DEEP_FEATURES = Stage(
    name="deep-features",
    command="deep features",
    title="a network's layers for every picture",
    section="Deep networks",
    page_place=80,
    run=run,
    file=FILE,
    record=FeatureSet,
    summary_key="deep.features",
    numbers=(Number("images", "pictures that the network was given", ".0f"),),
    needs_pictures=True,
    sources=SOURCES,
    depends_on=SETTINGS,
    per="network",
    on_request=True,
    told=_told,
)
