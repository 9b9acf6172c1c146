"""The nouns that travel between rooms, and the one error that a person is shown.

Everything here is data: frozen dataclasses over numpy arrays, no torch, no Streamlit.
Axes: `t` frames, `h, w` pixels, `c` channels of a TAM block, `k` taps of its kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int, UInt8

Sampling = Literal["uniform", "twice", "dense", "interval"]
Toolkit = Literal["pil", "opencv", "torchvision"]
Average = Literal["logits", "probabilities"]
Target = Literal["importance", "kernel", "input"]

ALL_BLOCKS = "*"
"""The block name of an `Edit` that applies to every TAM block."""


class UserError(Exception):
    """A mistake that a person can put right: what was expected, what came, what to do.

    The message is shown as it is, on the page or on standard error. Anything else that is
    raised is a bug and stays one.
    """


@dataclass(frozen=True)
class InputSpec:
    """What a network is given: the views of a video, and how what it says of them is averaged.

    Attributes:
        frames: Number of frames T in a view.
        resize: Length in pixels to which the shorter side is resized.
        size: Side in pixels of the square centre crop.
        mean: Per-channel mean (RGB, of values in 0 to 1).
        std: Per-channel standard deviation (RGB, of values in 0 to 1).
        sampling: `uniform` spreads the frames over the whole video; `twice` does so once from
            the middles and once from the beginnings of its segments; `dense` takes them from a
            window of 64 consecutive frames, as 2D networks were published; `interval` every
            `interval`-th frame of a window, as 3D networks were.
        views: Number of temporal positions that the sampling formula spreads over the video.
        interval: Frames from one to the next, for `interval`.
        crops: Squares of each frame: 1 (the centre), 3 or 10.
        toolkit: Whose resizing and rounding is used: `pil` (the authors'), `opencv`
            (mmaction2's) or `torchvision`.
        average: Over the views: of logits, or of probabilities.
        stretch: Width in pixels to which every frame is stretched, `resize` being its height
            then; 0 keeps the proportions.
    """

    frames: int
    resize: int
    size: int
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    sampling: Sampling = "uniform"
    views: int = 1
    interval: int = 1
    crops: int = 1
    toolkit: Toolkit = "pil"
    average: Average = "logits"
    stretch: int = 0

    @property
    def all_views(self) -> int:
        """Number of views: every temporal position in every crop."""
        return self.views * self.crops


@dataclass(frozen=True)
class Generation:
    """How a clip was generated.

    Attributes:
        speed: Pace of the event as a multiple of the ordinary one of its motion.
        camera: Camera pan over the whole clip in frame widths, (right, down).
        difficulty: Strength of the nuisances, in [0, 1].
    """

    speed: float
    camera: tuple[float, float]
    difficulty: float


@dataclass(frozen=True)
class Truth:
    """What is known of a clip: its class, and more of it where it was generated.

    Attributes:
        label: Class name.
        event_s: Start and end in seconds of the part of the event that the clip shows.
        generation: How it was generated.
        visitors: Whether the visitor gave the class, and not whoever made the clip.
    """

    label: str
    event_s: tuple[float, float] | None = None
    generation: Generation | None = None
    visitors: bool = False


@dataclass(frozen=True, eq=False)
class Clip:
    """One view of a video as a network is given it, before normalisation.

    Two clips are equal when their ids are: the id is a hash of the file's bytes, the InputSpec
    and the view, so it stands for the pixels.

    Attributes:
        id: Hexadecimal hash.
        frames: RGB in 0 to 255, resized and cropped.
        frame_indices: 0-based index in the video of each frame; repeats where the video is short.
        times_s: Time in the video of each frame, in seconds.
        source: Name to show, never a path to open.
        video_frames: Number of frames that the video has (or that could be read).
        duration_s: Length of the video in seconds.
        notices: Sentences that a person should read beside the result.
        truth: What is known of the clip if it was generated, else None.
        crop: Left, top, right and bottom of the square in pixels of the resized frame, and
            width and height of that frame; None where frames were made at the network's size.
        mirrored: Whether left and right are swapped.
        reader: What read the video, with its version; empty where nothing was read.
    """

    id: str
    frames: UInt8[np.ndarray, "t h w 3"]
    frame_indices: Int[np.ndarray, " t"]
    times_s: Float[np.ndarray, " t"]
    source: str
    video_frames: int
    duration_s: float
    notices: tuple[str, ...] = ()
    truth: Truth | None = None
    crop: tuple[int, int, int, int, int, int] | None = None
    mirrored: bool = False
    reader: str = ""

    @property
    def label(self) -> str | None:
        """The true class, where it is known."""
        return None if self.truth is None else self.truth.label

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Clip) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


@runtime_checkable
class Source(Protocol):
    """A video that can be read: a file, a clip that is drawn, the frames of a finding."""

    @property
    def name(self) -> str:
        """What to call it; never a path to open."""

    @property
    def key(self) -> str:
        """Tells it from every other one; part of the keys of caches."""

    @property
    def truth(self) -> Truth | None:
        """What is known of it."""

    def read(self, spec: InputSpec, view: int = 0) -> Clip:
        """One view of it.

        Raises:
            UserError: It cannot be read.
        """

    def views(self, spec: InputSpec) -> tuple[Clip, ...]:
        """All views of it, each of its frames read once.

        Raises:
            UserError: It cannot be read.
        """

    def movie(self) -> tuple[bytes, str] | None:
        """What a browser can play, with its media type; None if it plays no such format."""


@dataclass(frozen=True)
class Metric:
    """One measured number with everything needed to measure it again.

    Attributes:
        name: For example `top1`.
        value: A fraction in [0, 1].
        protocol: A sentence: which clips, which seed, how many, which views.
    """

    name: str
    value: float
    protocol: str


@dataclass(frozen=True)
class Card:
    """What `card.json` says of the weights that lie beside it.

    Attributes:
        id: Name of the checkpoint; also the name of its folder.
        temporal: Name in the registry of the temporal module.
        layers: Bottlenecks in each of the four stages.
        width: Channels of the first stage inside a bottleneck (64 in ResNet-50).
        classes: Class names in the order of the logits.
        input: What the network is to be given.
        metrics: Measured results.
        training: Recipe that made the weights; names and values as the trainer wrote them.
        origin: Where the weights come from.
        licence: Licence of the weights.
        sha256: Of `model.safetensors`.
        options: Options of the temporal module that differ from its defaults, such as TAM's `taps`.
        published: The test protocol of the publisher, where it has more views than `input`.
    """

    id: str
    temporal: str
    layers: tuple[int, int, int, int]
    width: int
    classes: tuple[str, ...]
    input: InputSpec
    metrics: tuple[Metric, ...] = ()
    training: Mapping[str, str | int | float] = field(default_factory=dict)
    origin: str = ""
    licence: str = ""
    sha256: str = ""
    options: Mapping[str, int] = field(default_factory=dict)
    published: InputSpec | None = None

    @property
    def blocks(self) -> dict[str, int]:
        """Channels inside each bottleneck by name (`layer3.1`), in forward order."""
        return {
            f"layer{stage}.{i}": self.width * 2 ** (stage - 1)
            for stage, depth in enumerate(self.layers, start=1)
            for i in range(depth)
        }

    def metric(self, name: str) -> float | None:
        """The measured value called `name`; None if it was not measured."""
        return next((m.value for m in self.metrics if m.name == name), None)


@dataclass(frozen=True)
class Audit:
    """What a few passes of a few clips say of a network as a whole.

    Differences of logits are root mean squares over classes and clips.

    Attributes:
        sha256: Of the weights that were looked at.
        clips: Names of the clips.
        frames: T, frames of a view.
        outputs: Number of logits.
        names: Number of class names.
        finite: Whether all logits are finite; if not, nothing else was compared.
        spread: How far the logits of the clips lie from their mean.
        reversed: How far the logits move when the frames are reversed.
        shuffled: How far they move when the frames are shuffled.
        floor: How far they move when the input changes by the rounding of its numbers.
        importance: Root mean square over all blocks of V less its mean over the clips; None for a
            network without TAM.
        kernel: The same of Θ.
        fixed_importance: Blocks whose V is the same for all clips.
        fixed_kernel: Blocks whose Θ is.
    """

    sha256: str
    clips: tuple[str, ...]
    frames: int
    outputs: int
    names: int
    finite: bool
    spread: float = 0.0
    reversed: float = 0.0
    shuffled: float = 0.0
    floor: float = 0.0
    importance: float | None = None
    kernel: float | None = None
    fixed_importance: tuple[str, ...] = ()
    fixed_kernel: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """Published weights, with what their publisher states of them.

    Attributes:
        id: Of the checkpoint that is made of them.
        network: What it is called.
        data: What it was trained on.
        publisher: Whose weights they are.
        licence: Of the weights.
        frames: T, frames of a view.
        sampling: How they are chosen.
        protocol: What `top1` was measured with, in words.
        top1: Accuracy in percent.
        top5: The same for the five best classes; None if not stated.
        attention: Form of non-local attention, in networks that have it.
        labels: Order of the classes in a file of their names: `file`, `sorted`, or empty where
            the names are known.
        gflops: Stated multiply-adds, in 10⁹, of `gflops_of`.
        gflops_of: What they were counted for.
        parameters_m: Stated parameters in millions.
        address: Where the file is; empty where only a browser gets it.
        sha256: The first digits of its hash, as many as are published.
        page: Where a browser gets it.
        file: Which file there.
        note: What else one should know.
    """

    id: str
    network: str
    data: str
    publisher: str
    licence: str
    frames: int
    sampling: Sampling
    protocol: str
    top1: float
    top5: float | None = None
    attention: str = ""
    labels: str = ""
    gflops: float | None = None
    gflops_of: str = ""
    parameters_m: float | None = None
    address: str = ""
    sha256: str = ""
    page: str = ""
    file: str = ""
    note: str = ""


@dataclass(frozen=True)
class Edit:
    """One intervention on a TAM block: data, hashable, so it can key a cache.

    Attributes:
        block: Block name such as `layer3.4`, or `ALL_BLOCKS`.
        target: `importance` (V), `kernel` (Θ) or `input` (x, the features that the block is given;
            its V and Θ are then made of those).
        op: Name of an operation in `tam_viz.capture.edits.OPS` for that target.
        channels: Channels to edit; None means all of them.
        donor: Clip whose V, Θ or x is put in, for the operation `donor`.
        seed: Chooses the permutation, for the operation `shuffled`.
        given: What the operations `given` and `level` put in; None where whoever runs the network
            gives it.
    """

    block: str
    target: Target
    op: str
    channels: tuple[int, ...] | None = None
    donor: Clip | None = None
    seed: int = 0
    given: Mean | None = None


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of one clip.

    Attributes:
        logits: Mean over frames of `frame_logits`.
        frame_logits: Logits of each frame, after the network has mixed the frames as it does.
        classes: Class names in the order of the logits.
    """

    logits: Float[np.ndarray, " k"]
    frame_logits: Float[np.ndarray, "t k"]
    classes: tuple[str, ...]

    @cached_property
    def probabilities(self) -> Float[np.ndarray, " k"]:
        """Softmax of the logits; in (0, 1), summing to 1."""
        scaled = np.exp(self.logits.astype(np.float64) - self.logits.max())
        return scaled / scaled.sum()

    def top(self, n: int = 5) -> list[tuple[str, float]]:
        """The `n` most probable classes with their probabilities, best first."""
        best = np.argsort(-self.probabilities, kind="stable")[:n]
        return [(self.classes[i], float(self.probabilities[i])) for i in best]


@dataclass(frozen=True, eq=False)
class BlockTrace:
    """What one TAM block decided for one clip (paper, section 3.1).

    Attributes:
        name: Place in the network, such as `layer3.4`.
        importance: V, the importance map of the local branch; in (0, 1).
        kernel: Θ, the adaptive kernel of the global branch; rows sum to 1. Column `K // 2` is
            the present frame, the columns before it the past, those after it the future.
    """

    name: str
    importance: Float[np.ndarray, "c t"]
    kernel: Float[np.ndarray, "c k"]


@dataclass(frozen=True, eq=False)
class TAMTrace:
    """The decisions of every TAM block, in forward order."""

    blocks: tuple[BlockTrace, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Block names in forward order."""
        return tuple(block.name for block in self.blocks)

    def __getitem__(self, name: str) -> BlockTrace:
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(f"no TAM block {name!r}; there are {', '.join(self.names)}")


@dataclass(frozen=True, eq=False)
class Mean:
    """V and Θ of a network, each the mean over clips.

    Two means are equal when their ids are: the id is a hash of the numbers.

    Attributes:
        id: Hexadecimal hash.
        over: The clips, in words, such as `64 MotionPairs clips`.
        trace: The mean itself.
        spread: By block, the share of a kernel's weight that on a clip lies on other taps than in
            the mean, averaged over clips and channels; in [0, 1). Empty where it was not measured.
    """

    id: str
    over: str
    trace: TAMTrace
    spread: Mapping[str, float] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mean) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True, eq=False)
class Run:
    """One clip through one network.

    Attributes:
        clip_id: Id of the clip.
        checkpoint_id: Id of the checkpoint.
        edits: Interventions that were in force, in the order in which they were applied.
        prediction: What the network said.
        trace: What its TAM blocks decided; None for a network without TAM.
        seconds: Time of the forward pass, hooks included.
    """

    clip_id: str
    checkpoint_id: str
    edits: tuple[Edit, ...]
    prediction: Prediction
    trace: TAMTrace | None
    seconds: float

    @property
    def tam(self) -> TAMTrace:
        """What the TAM blocks of a TANet decided.

        Raises:
            TypeError: The network has none.
        """
        if self.trace is None:
            raise TypeError(f"{self.checkpoint_id} has no TAM blocks to show")
        return self.trace
