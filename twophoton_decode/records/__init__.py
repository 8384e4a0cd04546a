"""What one stage hands to the next: immutable objects whose arrays name axes and units."""

from twophoton_decode.records.cell_count import CellCountCurves
from twophoton_decode.records.complementarity import Complementarity
from twophoton_decode.records.declaration import Record, array, scalar
from twophoton_decode.records.deep.attention import AttentionEncoding
from twophoton_decode.records.deep.between_sessions import PopulationsBetweenSessions
from twophoton_decode.records.deep.degraded_decoding import DegradedDecoding
from twophoton_decode.records.deep.dim_cells import DimCells
from twophoton_decode.records.deep.feature_decoding import FeatureDecoding
from twophoton_decode.records.deep.feature_set import FeatureSet
from twophoton_decode.records.deep.hierarchy_scores import HierarchyScores
from twophoton_decode.records.deep.movie_decoding import MovieDecoding
from twophoton_decode.records.deep.pictures.component_encoding import ComponentEncoding
from twophoton_decode.records.deep.pictures.driven_pictures import DrivenPictures
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.records.deep.pictures.learning_curve import LearningCurve
from twophoton_decode.records.deep.pictures.picture_scores import PictureScores
from twophoton_decode.records.deep.representation import Representation
from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.records.deep.tag_decoding import TagDecoding
from twophoton_decode.records.deep.unit_agreement import UnitAgreement
from twophoton_decode.records.encoding import Encoding
from twophoton_decode.records.frame_responses import FrameResponses
from twophoton_decode.records.movie.intensity import IntensityMapping
from twophoton_decode.records.movie.recording import Presentations, Recording
from twophoton_decode.records.quality import Quality
from twophoton_decode.records.reconstruction import Reconstruction
from twophoton_decode.records.recovery import Recovery
from twophoton_decode.records.responses import Responses
from twophoton_decode.records.stability import Stability
from twophoton_decode.records.timed_responses import TimedResponses
from twophoton_decode.records.traces import Traces

__all__ = [
    "AttentionEncoding",
    "CellCountCurves",
    "Complementarity",
    "ComponentEncoding",
    "DegradedDecoding",
    "DimCells",
    "DrivenPictures",
    "Encoding",
    "FeatureDecoding",
    "FeatureSet",
    "FrameResponses",
    "HierarchyScores",
    "IntensityMapping",
    "InversionControls",
    "LearningCurve",
    "MovieDecoding",
    "PictureScores",
    "PopulationsBetweenSessions",
    "Presentations",
    "Quality",
    "Reconstruction",
    "Record",
    "Recording",
    "Recovery",
    "Representation",
    "Responses",
    "Restoration",
    "Stability",
    "TagDecoding",
    "TimedResponses",
    "Traces",
    "UnitAgreement",
    "array",
    "scalar",
]
