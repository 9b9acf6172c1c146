"""Predictions and frames as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tam_viz.analysis.formatting import signed
from tam_viz.types import Card, Clip, Run

_STRENGTHS = ("very weak", "weak", "moderate", "strong", "very strong")
"""What fifths of the range of difficulty are called."""


def frame_table(clip: Clip) -> pd.DataFrame:
    """The frames of a view: where they are in the view, in the video and in time."""
    return pd.DataFrame(
        {
            "frame of the view": range(1, len(clip.frames) + 1),
            "frame of the video": clip.frame_indices,
            "time (s)": clip.times_s.round(3),
        }
    ).set_index("frame of the view")


def describe_frames(clip: Clip) -> str:
    """One sentence on which frames the network sees."""
    event = ""
    if clip.truth is not None and clip.truth.event_s is not None:
        start, end = clip.truth.event_s
        event = f" The event '{clip.truth.label}' lasts from {start:.1f} to {end:.1f} s."
    return (
        f"{len(clip.frames)} of {clip.video_frames} frames, from {clip.times_s.min():.2f} to "
        f"{clip.times_s.max():.2f} s of {clip.duration_s:.2f} s.{event}"
    )


def describe_clip(clip: Clip) -> str:
    """Sentences on a clip and its ground truth."""
    frames = "1 frame" if clip.video_frames == 1 else f"{clip.video_frames} frames"
    length = f"{frames}, {clip.duration_s:.1f} s."
    truth = clip.truth
    if truth is None:
        return f"{length} This clip has no label."
    event = ""
    if truth.event_s is not None:
        event = f" The event lasts from {truth.event_s[0]:.1f} to {truth.event_s[1]:.1f} s"
    if truth.visitors:
        return f"{length} You gave it its label."
    if truth.generation is None:
        return f"{length}{event}{'.' if event else ''} Its class is known."
    return (
        f"A generated clip: {length}{event}, at {truth.generation.speed:.2f} times the ordinary "
        f"speed; the camera {_camera(*truth.generation.camera)}; distractors and noise: "
        f"{_strength(truth.generation.difficulty)} ({truth.generation.difficulty:.2f} on a scale "
        "of 0 to 1)."
    )


def _strength(difficulty: float) -> str:
    return _STRENGTHS[min(int(difficulty * len(_STRENGTHS)), len(_STRENGTHS) - 1)]


def _camera(right: float, down: float) -> str:
    largest = max(abs(right), abs(down))
    if largest < 0.005:
        return "stands still"
    if largest < 0.02:
        return "is almost still"
    return f"pans by {signed(right)} frame widths to the right and {signed(down)} down"


def prediction_table(cards: Sequence[Card], runs: Sequence[Run], truth: str | None) -> pd.DataFrame:
    """A row per network: what it predicts, how sure it is, how long it took, how good it is."""
    rows = []
    for card, run in zip(cards, runs, strict=True):
        name, probability = run.prediction.top(1)[0]
        row: dict[str, str | float | None] = {
            "network": card.id,
            "predicts": name,
            "probability": round(probability, 4),
        }
        if truth in card.classes:
            class_index = card.classes.index(truth)
            row["probability of the true class"] = round(
                float(run.prediction.probabilities[class_index]), 4
            )
        row["milliseconds"] = round(1000 * run.seconds, 1)
        row["top-1 on test clips"] = card.metric("top1")
        rows.append(row)
    return pd.DataFrame(rows).set_index("network")


def describe_predictions(cards: Sequence[Card], runs: Sequence[Run], truth: str | None) -> str:
    """One sentence on what each network predicts."""
    parts = []
    for card, run in zip(cards, runs, strict=True):
        name, probability = run.prediction.top(1)[0]
        verdict = ""
        if truth in card.classes:
            verdict = ", correct" if name == truth else ", incorrect"
        parts.append(f"{card.id} predicts '{name}' ({probability:.2f}{verdict})")
    known = f" True class: '{truth}'." if truth is not None else ""
    return "; ".join(parts) + "." + known
