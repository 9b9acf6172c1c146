"""Clips: the frames that a network is given, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int, UInt8

Sampling = Literal["uniform", "twice", "dense", "interval"]


Toolkit = Literal["pil", "opencv", "torchvision"]


Average = Literal["logits", "probabilities"]


@dataclass(frozen=True)
class InputSpec:
    """The input of a network: the views of a video, and how its answers to them are averaged.

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
    """The ground truth of a clip: its class, and more if it was generated.

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
        """Its ground truth; None if unknown."""

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
