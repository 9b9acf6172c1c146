"""A filter over the clips of a scan: a predicate with a name, that any other scan can be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlencode

from pydantic import Field, TypeAdapter, ValidationError

from tam_viz.scan.opened import Scan
from tam_viz.scan.queries import name_of
from tam_viz.scan.store import write_whole
from tam_viz.types import UserError

SAVED = "filters.json"
Share = Annotated[float, Field(ge=0, le=1)]
Answered = Literal["", "right", "wrong", "either"]
"""Whether an answer is right: any clip, only right ones, only wrong ones, only answered ones."""


@dataclass(frozen=True)
class Filter:
    """Which clips to look at; every condition that is set must hold.

    Attributes:
        name: What to call it; empty for one that was not saved.
        network: Whose answers `answer`, `predicted`, `sure` and `disagreement` speak of.
        answer: Whether it is right.
        true: True classes, as the dataset labels them; empty for all.
        predicted: Predicted classes; empty for all.
        sure: Smallest and largest probability of the predicted class, in [0, 1].
        disagreement: Smallest disagreement, in [0, 1].
        other: A second network.
        other_answer: Whether that one is right.
        text: What the path holds, in either case of letters.
        unreadable: Only clips that could not be scanned.
    """

    name: str = ""
    network: str = ""
    answer: Answered = ""
    true: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    sure: tuple[Share, Share] = (0.0, 1.0)
    disagreement: Share = 0.0
    other: str = ""
    other_answer: Answered = ""
    text: str = ""
    unreadable: bool = False

    def whatever_is_answered(self) -> Filter:
        """The same without conditions on answers: a rate over chosen answers says nothing."""
        return replace(
            self, answer="", other_answer="", predicted=(), sure=(0.0, 1.0), disagreement=0.0
        )

    def in_address(self) -> str:
        """What is set, as in an address; the name is left out."""
        plain = Filter()
        pairs: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "name" or value == getattr(plain, field.name):
                continue
            if field.name == "sure":
                pairs.append(("sure", f"{value[0]:g}-{value[1]:g}"))
            else:
                several = value if isinstance(value, tuple) else (value,)
                pairs += [(field.name, str(value)) for value in several]
        return urlencode(pairs)


_ONE = TypeAdapter(Filter)
_JSON = TypeAdapter(tuple[Filter, ...])


def from_address(text: str) -> Filter:
    """Reads what `in_address` wrote; what is not understood is left out."""
    known = {field.name for field in fields(Filter)} - {"name"}
    given: dict[str, object] = {
        name: values if name in ("true", "predicted") else values[-1]
        for name, values in parse_qs(text).items()
        if name in known
    }
    if isinstance(sure := given.get("sure"), str):
        given["sure"] = sure.split("-")
    try:
        return _ONE.validate_python(given)
    except ValidationError as error:
        for problem in error.errors():
            given.pop(str(problem["loc"][0]), None)
        return _ONE.validate_python(given)


def where(filtered: Filter, networks: Sequence[str]) -> tuple[str, list[object]]:
    """The condition in SQL over the table `clips`, with its parameters.

    Args:
        filtered: The filter.
        networks: Those of the scan; conditions on others hold for no clip.
    """
    parts, values = [], []
    for condition, given in _conditions(filtered, networks):
        parts.append(condition)
        values += given
    return " AND ".join(parts) or "true", values


def _conditions(filtered: Filter, networks: Sequence[str]) -> Iterator[tuple[str, list[object]]]:
    if filtered.unreadable:
        yield "error <> ''", []
    if filtered.true:
        yield _among("label", filtered.true)
    if filtered.text:
        yield "contains(lower(path), lower(?))", [filtered.text]
    for network, answer in (
        (filtered.network, filtered.answer),
        (filtered.other, filtered.other_answer),
    ):
        if network and network not in networks:
            yield "false", []
        elif network and answer:
            predicted, true = (name_of(f"{network}.{n}") for n in ("predicted", "true"))
            conditions = {
                "right": f"{predicted} = {true}",
                "wrong": f"{predicted} <> {true}",
                "either": f"{predicted} IS NOT NULL",
            }
            yield conditions[answer], []
    if filtered.network in networks:
        yield from _of_answer(filtered)


def _of_answer(filtered: Filter) -> Iterator[tuple[str, list[object]]]:
    def column(name: str) -> str:
        return name_of(f"{filtered.network}.{name}")

    if filtered.predicted:
        yield _among(column("predicted"), filtered.predicted)
    if filtered.sure != (0.0, 1.0):
        yield f"{column('probability')} BETWEEN ? AND ?", list(filtered.sure)
    if filtered.disagreement > 0:
        yield f"{column('disagreement')} >= ?", [filtered.disagreement]


def _among(column: str, names: Sequence[str]) -> tuple[str, list[object]]:
    return f"{column} IN ({', '.join('?' * len(names))})", list(names)


def saved(scan: Scan) -> tuple[Filter, ...]:
    """The filters that are saved with a scan.

    Raises:
        UserError: The file was changed by hand.
    """
    path = scan.folder / SAVED
    try:
        return _JSON.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError) as error:
        raise UserError(f"'{path}' is not a list of filters ({error}); remove it.") from error


def chosen(scan: Scan, name: str, address: str) -> Filter:
    """The filter with a name, or the one of an address; of neither all clips.

    Raises:
        UserError: Both are given, or no filter of this name is saved with the scan.
    """
    if name and address:
        raise UserError("Give the name of a filter or an address, not both.")
    if not name:
        return from_address(parse_qs(address).get("where", [address])[-1])
    by_name = {known.name: known for known in saved(scan)}
    if name not in by_name:
        raise UserError(
            f"No filter '{name}' is saved with the scan; saved are {', '.join(by_name) or 'none'}."
        )
    return by_name[name]


def save(scan: Scan, filtered: Filter) -> None:
    """Saves a filter with a scan, in place of one of the same name.

    Raises:
        UserError: It has no name, or the folder cannot be written to.
    """
    if not filtered.name.strip():
        raise UserError("A filter needs a name to be saved under.")
    others = [known for known in saved(scan) if known.name != filtered.name]
    write_whole(scan.folder / SAVED, _JSON.dump_json((*others, filtered), indent=1))
