"""The nouns that travel between rooms, and the one error that a person is shown.

Everything here is data: frozen dataclasses over numpy arrays, no torch, no Streamlit.
Axes: `t` frames, `h, w` pixels, `c` channels of a TAM block, `k` taps of its kernel.
"""

from tam_viz.types.attributions import Attribution, Deletion, Filling, Method
from tam_viz.types.blocks import BlockCost, BlockFeatures, Operator, OperatorKind
from tam_viz.types.cards import Audit, Card, Metric, Offer
from tam_viz.types.clips import (
    Average,
    Clip,
    Generation,
    InputSpec,
    Sampling,
    Source,
    Toolkit,
    Truth,
)
from tam_viz.types.edits import ALL_BLOCKS, GIVEN, OPERATIONS, Edit, Mean, Run, Target
from tam_viz.types.errors import UserError
from tam_viz.types.runs import BlockTrace, Prediction, TAMTrace
from tam_viz.types.steps import Step, Steps, part, result_of

__all__ = [
    "ALL_BLOCKS",
    "GIVEN",
    "OPERATIONS",
    "Attribution",
    "Audit",
    "Average",
    "BlockCost",
    "BlockFeatures",
    "BlockTrace",
    "Card",
    "Clip",
    "Deletion",
    "Edit",
    "Filling",
    "Generation",
    "InputSpec",
    "Mean",
    "Method",
    "Metric",
    "Offer",
    "Operator",
    "OperatorKind",
    "Prediction",
    "Run",
    "Sampling",
    "Source",
    "Step",
    "Steps",
    "TAMTrace",
    "Target",
    "Toolkit",
    "Truth",
    "UserError",
    "part",
    "result_of",
]
