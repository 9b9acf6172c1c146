"""One network out of a file that may hold several: raw weights, their average, a teacher."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

import torch

from tam_viz.models.published.families.resnet import unknown
from tam_viz.models.published.identify import filled, match
from tam_viz.models.published.matches import Hints, Match, Recognised
from tam_viz.models.published.wrappers import Candidate, candidates, unwrapped
from tam_viz.models.states import State, joined, listed, shown
from tam_viz.types import UserError

EMA, RAW = "ema", "raw"
"""Parts of a file by what they are, instead of by their names in it."""

_AVERAGED = re.compile(r"(^|[._])(ema|averaged?|avg|shadow|swa)([._]|$)", re.IGNORECASE)
_CURRENT = re.compile(r"(^|[._])current([._]|$)", re.IGNORECASE)


def recognise(
    states: Mapping[str, State], asked: Hints | None = None, part: str = ""
) -> Recognised:
    """The network of a file, with its weights.

    Args:
        states: The sets of weights of the file by the keys that lead to them.
        asked: What is known of it besides.
        part: Which network, where there are several: `ema`, `raw`, or the keys and names that
            lead to it, joined by dots.

    Raises:
        UserError: There is no network that is known, or there are several and none is named; see
            `match` and `filled`.
    """
    asked = asked or Hints()
    named = part not in ("", EMA, RAW)
    if named:
        states = _restricted(states, part)
    matches = _matches(states, asked)
    if not matches and len(states) > 1:
        matches = _matches({"": _together(states)}, asked)
    if not matches:
        raise _reason(states, asked)
    chosen, answer = _chosen(_different(matches), states, asked, part)
    recognised = filled(chosen)
    if recognised.beside:
        answer.append(
            f"Left out, because it takes no part in the answer: {listed(recognised.beside)}."
        )
    return dataclasses.replace(recognised, notices=(*recognised.notices, *answer))


def _matches(states: Mapping[str, State], asked: Hints) -> list[Match]:
    matches = []
    for candidate in candidates(states):
        try:
            matches.append(match(candidate, asked))
        except UserError:
            continue
    return matches


def _reason(states: Mapping[str, State], asked: Hints) -> UserError:
    """Why a file holds no network: what is wrong with the largest that may be one."""
    paths = candidates(states)
    if not paths:
        return unknown(max(states.values(), key=len))
    whole = [c for c in paths if not any(other for other in paths if _is_within(c, other))] or paths
    try:
        match(max(whole, key=lambda candidate: len(candidate.body)), asked)
    except UserError as error:
        return error
    raise TypeError("a network is known and is not")


def _is_within(inner: Candidate, outer: Candidate) -> bool:
    """Whether a candidate lies in another one that is more than a wrapper around it."""
    return (
        inner.path == outer.path
        and inner.prefix != outer.prefix
        and (not outer.prefix or inner.prefix.startswith(f"{outer.prefix}."))
    )


def _together(states: Mapping[str, State]) -> State:
    """All sets as one, for files that keep the parts of a network apart."""
    return {joined(path, name): t for path, state in states.items() for name, t in state.items()}


def _restricted(states: Mapping[str, State], part: str) -> dict[str, State]:
    """What lies under a part that a person names."""
    restricted: dict[str, State] = {}
    for path, state in states.items():
        names = {joined(path, name): name for name in state}
        plain = {joined(path, name): name for name in unwrapped(state)}
        for keys, tensors in ((names, state), (plain, unwrapped(state))):
            kept = {n: tensors[n] for key, n in keys.items() if f"{key}.".startswith(f"{part}.")}
            if kept:
                restricted[path] = kept
                break
    if not restricted:
        known = ", ".join(f"'{shown(path)}'" for path in states if path) or "none by name"
        raise UserError(
            f"The file has no part '{shown(part)}'; its sets of weights are {known}. Say 'ema' or "
            f"'raw', or the keys and names that lead to the network."
        )
    return restricted


def _different(matches: list[Match]) -> list[Match]:
    """Without those that are the same weights under another name."""
    kept: list[Match] = []
    for candidate in matches:
        if not any(_same(candidate, other) for other in kept):
            kept.append(candidate)
    return kept


def _chosen(
    matches: list[Match], states: Mapping[str, State], asked: Hints, part: str
) -> tuple[Match, list[str]]:
    """The network that is taken, and what to say of it."""
    averaged = [match for match in matches if _is_averaged(match, states, swapped=asked.swapped)]
    raw = [match for match in matches if match not in averaged]
    if part in (EMA, RAW):
        wanted = averaged if part == EMA else raw
        if len(wanted) != 1:
            kind = "averaged" if part == EMA else "raw"
            listed = ", ".join(_name(match) for match in matches)
            raise UserError(
                f"The file has {len(wanted) or 'no'} {kind} weights; its networks are {listed}. "
                f"Name one by the keys that lead to it (--part), or leave the part out."
            )
        return wanted[0], [f"Taken: {_name(wanted[0])}, the {part} weights, as asked for."]
    if len(matches) == 1:
        match = matches[0]
        return match, [f"These are averaged weights: {_name(match)}."] if averaged else []
    if len(averaged) == 1 and len(raw) == 1:
        return averaged[0], [
            f"The file holds averaged weights, {_name(averaged[0])}, and raw ones, "
            f"{_name(raw[0])}. The averaged ones are taken, as such networks are tested; "
            f"--part raw takes the others."
        ]
    listed = ", ".join(_name(match) for match in matches)
    raise UserError(
        f"The file holds {len(matches)} networks: {listed}. Name the one to take (--part)."
    )


def _is_averaged(match: Match, states: Mapping[str, State], *, swapped: bool) -> bool:
    """Whether weights are an average over training.

    mmengine stores the average as `state_dict` and what it is an average of as `ema_state_dict`
    (`swapped`); Lightning calls the latter `current_model_state`.
    """
    path = match.recognised.path
    top = path.split(".")[0]
    if (swapped and "ema_state_dict" in states) or any(map(_CURRENT.search, states)):
        return top == "state_dict"
    inside = next((s for key, s in states.items() if path == key or path.startswith(key)), {})
    return bool(_AVERAGED.search(path)) or ("n_averaged" in inside and not _AVERAGED.search(path))


def _same(first: Match, second: Match) -> bool:
    """Whether two candidates are one network under two names."""
    if first.state.keys() != second.state.keys():
        return False
    return all(torch.equal(tensor, second.state[name]) for name, tensor in first.state.items())


def _name(match: Match) -> str:
    """Where in the file a network lies, for a sentence."""
    return (
        f"'{shown(match.recognised.path)}'" if match.recognised.path else "the file's own tensors"
    )
