"""Files of class names in the forms that people have them in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tam_viz.models.published.labels import read_labels
from tam_viz.types import UserError

NAMES = ("jump", "run", "pull rope (game)", "walk")
SHUFFLED = (2, 0, 3, 1)


def table(row: str, first: int = 0, header: str = "") -> str:
    rows = [row.format(number=i + first, name=NAMES[i]) for i in SHUFFLED]
    return "\n".join([*([header] if header else []), *rows]) + "\n"


FORMS = {
    "one a line": "\n".join(NAMES),
    "blank lines, CRLF": "\r\n\r\n".join(NAMES) + "\r\n",
    "number name": table("{number} {name}"),
    "number name from 1, as classInd.txt": table("{number} {name}", 1),
    "number: name": table("{number}: {name}"),
    "number. name": table("{number}. {name}", 1),
    "name number": table("{name} {number}"),
    "number:name": table("{number}:{name}"),
    "number - name": table("{number} - {name}"),
    "number -> name": table("{number} -> {name}"),
    "[number] name": table("[{number}] {name}"),
    "number=name": table("{number}=  {name}"),
    "#number name": table("#{number} {name}", 1),
    "number_name": table("{number}_{name}", 1),
    "a code, as Charades has it": table("c{number:03d} {name}"),
    "a code and a point, as NTU has it": table("A{number}. {name}", 1),
    "class number: name": table("class {number}: {name}"),
    "name=number": table("{name}={number}"),
    "name (number)": table("{name} ({number})"),
    "tuples of Python": table("('{name}', {number}),"),
    "lines of a dict of Python": table("    {number}: '{name}',"),
    "JSON list, its lines alone": "\n".join(f'"{name}",' for name in NAMES),
    "JSON, an object a line": table('{{"id": {number}, "name": "{name}"}}'),
    "names with empty columns behind": "\n".join(f"{name}\t\t" for name in NAMES),
    "EPIC-KITCHENS": table("{number},{name},\"['a', 'b']\",c", 0, "id,key,instances,category"),
    "tab": table("{number}\t{name}"),
    "name, tab, number": table("{name}\t{number}"),
    "comma, no header": table("{number},{name}"),
    "name, comma, number": table("{name},{number}", 1),
    "id,name": table("{number},{name}", 0, "id,name"),
    "name,id": table("{name},{number}", 0, "name,id"),
    "semicolons, capitals, blanks": table("{number}; {name}", 0, "ID ; Class Name"),
    "quoted cells": table('"{number}","{name}"', 1, '"id","name"'),
    "pandas": table("{number},{name}", 0, ",name"),
    "label is the number": table("{name},{number}", 0, "name,label"),
    "three columns": table("{number},/m/0{number},{name}", 0, "index,mid,display_name"),
    "blanks under a header": table("{number} {name}", 0, "id name"),
    "Excel's first line": "sep=;\n" + table("{number};{name}", 0, "id;name"),
    "a header alone": "name\n" + "\n".join(NAMES),
    "names in quotes": "\n".join(f'"{name}"' for name in NAMES),
    "JSON name to number": json.dumps({NAMES[i]: i for i in SHUFFLED}),
    "JSON name to number from 1": json.dumps({NAMES[i]: i + 1 for i in SHUFFLED}),
    "JSON name to string": json.dumps({NAMES[i]: str(i) for i in SHUFFLED}),
    "JSON number to name": json.dumps({str(i): NAMES[i] for i in SHUFFLED}),
    "JSON quoted names": json.dumps({f'"{NAMES[i]}"': i for i in SHUFFLED}),
    "JSON list": json.dumps(NAMES),
    "JSON list of objects": json.dumps([{"name": NAMES[i], "id": i} for i in SHUFFLED]),
    "JSON list of pairs": json.dumps([[i, NAMES[i]] for i in SHUFFLED]),
    "config.json": json.dumps({"num": 4, "id2label": {str(i): NAMES[i] for i in SHUFFLED}}),
    "label2id": json.dumps({"label2id": {NAMES[i]: i for i in SHUFFLED}}),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_form_is_read_and_its_numbers_decide(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "labels"
    path.write_bytes(text.encode(encoding))
    assert read_labels(path) == NAMES


@pytest.mark.parametrize(
    "names",
    [
        ("3 point shot", "dunk", "free throw"),
        ("walk 1", "walk 2", "walk 3"),
        ("100m", "200m"),
        ("walk-1", "walk-2", "walk-3"),
        ("100-metre dash", "200-metre dash", "pole vault"),
        ("n01440764 tench", "n01443537 goldfish"),
        ("Pushing something, so that it moves", "Pulling"),
        ("跳跃", "größer", "приём"),
        ('"Something" colliding with "something"', "nothing"),
        ("*a*", "<b>b</b>", ":smile:", "$x$"),
    ],
)
def test_names_that_look_like_something_else_stay_as_they_are(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("\n".join(names), encoding="utf-8")
    assert read_labels(path) == names


def test_names_in_quotes_may_hold_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text('id,name\n1,"jump, high"\n0,"say ""hi"""\n')
    assert read_labels(path) == ('say "hi"', "jump, high")


REFUSED = {
    "gap": ("0 a\n1 b\n3 c\n", "no number 2; line 3 .* has number 3"),
    "from 2": ("2 a\n3 b\n", "no number 1"),
    "number twice": ("0 a\n1 b\n1 c\n", "number 1 twice: line 3 .* and line 2"),
    "name twice": ("a\nb\na\n", "the class 'a' twice"),
    "numbered but for one": ("0 a\n1 b\nc\n3 d\n", r"Line 3 .* \('c'\) has no number"),
    "two columns of names": ("a\tb\nc\td\n", "Line 1 .* neither holds whole numbers"),
    "header without numbers": ("id,name\nx,a\ny,b\n", "no column of whole numbers"),
    "a number without a name": ("id,name\n0,a\n1,\n", "Line 3 .* no name"),
    "a list of videos": ("v_a.avi 0\nv_b.avi 1\n", r"Line 1 .* 'v_a\.avi' as a class"),
    "numbers alone": ("0\n1\n2\n", "Line 1 .* number or a file"),
    "a comment": ("# classes\na\nb\n", "Line 1 .* begins with '#'"),
    "YAML": ("names:\n  0: a\n  1: b\n", r"Line 1 .* \('names:'\) has no number"),
    "three columns without a header": ("0,a,x\n1,b,x\n", "Line 1 .* 3 columns, and no header"),
    "a header that numbers nothing": ("label,video\na,x\nb,y\n", "none of them numbers"),
    "fields of every line": ("Id: 0; set: 1; a\nId: 1; set: 1; b\n", "3 columns, and no header"),
    "a code with a gap": ("A1. a\nA2. b\nA4. c\n", "no number 3"),
    "a page": ("<html>\n<p>404</p>\n</html>\n", "Line 1 .* begins with '<'"),
    "pbtxt": ('item {\n  name: "a"\n  id: 1\n}\n', "Line 1 .* 'item {' .* no name"),
    "TOML": ('names = [\n  "a",\n  "b",\n]\n', "Line 1 .* no name"),
    "JSON without an end": ("[" * 20_000, "not a list of class names"),
    "numbers on either side": ("0 a 1\n1 b 0\n", "before and after"),
    "JSON key twice": ('{"a": 0, "a": 1}', "names 'a' twice"),
    "JSON fraction": ('{"a": 0.5}', "not a name with a whole number"),
    "JSON numbers only": ('{"0": "1"}', "both whole numbers"),
    "JSON mixed list": ('["a", 1]', "item 0"),
    "JSON nested": ('{"0": {"x": 1}}', "where a name should"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_with_its_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "labels"
    path.write_text(text)
    with pytest.raises(UserError, match=reason):
        read_labels(path)


def test_numbered_names_cannot_be_sorted(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_text("0 b\n1 a\n")
    with pytest.raises(UserError, match="cannot be sorted"):
        read_labels(path, "sorted")


@pytest.mark.parametrize("data", ["größer\nx".encode("cp1252"), "骑马\n".encode("gbk")])
def test_an_old_encoding_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "labels"
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"Line 1 .* is not UTF-8"):
        read_labels(path)


def test_control_characters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_text("a\nb\x1b[2J\n")
    with pytest.raises(UserError, match=r"Line 2 .* U\+001B"):
        read_labels(path)
