"""Labels of options before they had keys, so that old addresses and findings still open.

Nothing is added here: a label that is reworded now changes no address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

_TIMING = {
    "as filmed": "as_is",
    "backwards": "reversed",
    "half speed": "half",
    "double speed": "double",
}
_SIGNALS = {"one frame": "frame", "a step": "step", "a ramp": "ramp", "this channel": "channel"}

_KEYS: Mapping[str, Mapping[str, str]] = {
    "v": {
        "as it is": "as_is",
        "V = 1": "one",
        "V = its mean over time": "time_mean",
        "V shuffled in time": "shuffled",
        "V of another clip": "donor",
        "V = its mean over clips": "given",
        "V = its mean over clips and time": "level",
    },
    "theta": {
        "as it is": "as_is",
        "Θ = [0, 1, 0]": "centre",
        "Θ = the average": "uniform",
        "Θ reversed in time": "reversed",
        "Θ of another clip": "donor",
        "Θ = its mean over clips": "given",
    },
    "x": {"as it is": "as_is", "x of another clip": "donor"},
    "where": {
        "all blocks": "all",
        "the selected block": "selected",
        "the selected block and all later ones": "later",
        "chosen blocks": "chosen",
    },
    "which": {
        "all channels": "all",
        "the selected channel": "selected",
        "channels that lean to the past": "past",
        "channels that lean to the future": "future",
        "listed channels": "listed",
    },
    "tempo": {
        "as it is": "as_is",
        "played backwards": "reversed",
        "frames shuffled": "shuffled",
        "one frame, frozen": "frozen",
        "half speed: the middle half, each frame twice": "half",
        "double speed: every second frame, then the last one held": "double",
    },
    "spoken": {"automatic": "*auto"},
    "against": {"automatic": "*auto", "all other classes": "*others"},
    "class": {
        "the true class": "*true",
        "what the TANet says": "*predicted",
        "what the TANet predicts": "*predicted",
        "each network's own best class": "*own",
    },
    "second": {"the clip played backwards": "backwards"},
    "protocol": {"one view": "one"},
    "channel": {"liveliest": "auto"},
    "order": {
        "by peak frame": "peak",
        "by variance": "variance",
        "as stored": "stored",
        "as ranked": "ranked",
    },
    "cost": {"multiply-adds": "mmacs", "milliseconds": "ms"},
    "part": {
        "the chosen block": "block",
        "all blocks": "all",
        "what adapting is worth": "adaptivity",
    },
    "blocks": {"spread over channels": "variation", "what a probe reads": "probe"},
    "scale": {
        "of this block": "block",
        "of all blocks": "all",
        "of all that V can do": "full",
    },
    "rank": {
        "variation of V": "variation",
        "V against the second clip": "v_second",
        "Θ against the second clip": "theta_second",
        "adaptivity of Θ": "adaptivity",
        "effect on the answer": "effect",
    },
    "scope": {"this clip": "clip", "the test clips": "testset"},
    "look": {
        "mean over channels": "mean",
        "strength (root mean square)": "size",
        "one channel": "channel",
    },
    "method": {"Grad-CAM": "grad_cam", "integrated gradients": "integrated_gradients"},
    "filling": {"mean colour": "mean_colour"},
    "step": {
        "1 Input": "1_input",
        "2 Pooling": "2_pooling",
        "3 Importance": "3_importance",
        "4 Weighting": "4_weighting",
        "5 Kernel": "5_kernel",
        "6 Aggregation": "6_aggregation",
        "7 Result": "7_result",
        "8 Two levels": "8_levels",
    },
    "play": _TIMING,
    "levels": _TIMING,
    "places": {"as it is": "as_is", "left half only": "left_half"},
    "signal": _SIGNALS,
    "through": {"the real frames": "frames", **_SIGNALS},
}
"""By the name of a picker, the key of each option by what it was called."""


def key_of(picker: str, asked: str | None, options: Collection[str]) -> str | None:
    """The option that an address or a finding names, by its key or by its old label.

    Args:
        picker: Name of the picker in the address.
        asked: What is named; None where nothing is.
        options: Keys of the options that are there.

    Returns:
        Its key; None where there is no such option.
    """
    if asked is None or asked in options:
        return asked
    key = renamed(picker, asked)
    return key if key in options else None


def renamed(picker: str, asked: str) -> str:
    """The key of an option that was called so; what is asked for itself where none was."""
    return _KEYS.get(picker, {}).get(asked, asked)
