"""Our names turned into those of the published code, for files of the same kind in small."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from torch import Tensor

Naming = Callable[[str], str]


def authors_tanet(key: str) -> str:
    if key.startswith("fc."):
        return f"new_{key}"
    key = re.sub(r"^(layer\d\.\d+)\.temporal\.", r"\1.tam.", key)
    key = re.sub(r"^(layer\d\.\d+)\.(?!tam\.)", r"\1.net.", key)
    return f"base_model.{key}"


def authors_tanet_without_dropout(key: str) -> str:
    return authors_tanet(key).replace("new_fc.", "base_model.fc.")


def legacy_tanet(key: str) -> str:
    key = authors_tanet(key).replace(".tam.", ".self_conv.")
    return key.replace(".G.", ".conv_f.").replace(".L.", ".conv_g.")


def parallel(naming: Naming) -> Naming:
    return lambda key: f"module.{naming(key)}"


def authors_tsn(key: str) -> str:
    return f"new_{key}" if key.startswith("fc.") else f"base_model.{key}"


def authors_tsm(key: str) -> str:
    key = re.sub(r"^(layer.*\.)conv1\.weight$", r"\1conv1.net.weight", authors_tsn_nl(key))
    return re.sub(r"(base_model\.layer.*\.)conv1\.weight$", r"\1conv1.net.weight", key)


def authors_tsn_nl(key: str) -> str:
    for ours, theirs in (
        (".attention.g.", ".nl.g.0."),
        (".attention.phi.", ".nl.phi.0."),
        (".attention.theta.", ".nl.theta."),
        (".attention.out.", ".nl.W.0."),
        (".attention.norm.", ".nl.W.1."),
    ):
        key = key.replace(ours, theirs)
    return authors_tsn(key)


def _mmaction2(key: str) -> str:
    if key.startswith("fc."):
        return f"cls_head.fc_cls.{key[3:]}"
    for ours, theirs in (
        (r"\.attention\.(g|phi)\.", r".non_local_block.\1.0.conv."),
        (r"\.attention\.theta\.", ".non_local_block.theta.conv."),
        (r"\.attention\.out\.", ".non_local_block.conv_out.conv."),
        (r"\.attention\.norm\.", ".non_local_block.conv_out.bn."),
        (r"(^|\.)conv(\d)\.(?=weight)", r"\1conv\2.conv."),
        (r"(^|\.)bn(\d)\.", r"\1conv\2.bn."),
        (r"\.downsample\.0\.", ".downsample.conv."),
        (r"\.downsample\.1\.", ".downsample.bn."),
    ):
        key = re.sub(ours, theirs, key)
    return f"backbone.{key}"


def mmaction2_tsn(key: str) -> str:
    return _mmaction2(key)


def mmaction2_tanet(key: str) -> str:
    key = re.sub(r"^(layer\d\.\d+)\.temporal\.", r"\1.tam.", key)
    key = re.sub(r"^(layer\d\.\d+)\.(?!tam\.)", r"\1.block.", key)
    return _mmaction2(key)


def mmaction2_tsm(key: str) -> str:
    return re.sub(r"(layer.*\.conv1\.conv)\.weight$", r"\1.net.weight", _mmaction2(key))


def under(naming: Naming, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict under other names."""
    return {naming(key): value for key, value in state.items()}
