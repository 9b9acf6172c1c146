"""Names of strangers are shown as they are: the browser test looks at what is drawn."""

from __future__ import annotations

import pytest

from tam_viz.literal import in_markdown, in_plot, in_terminal, sentence, shortened, visible

PLAIN = [
    "A sentence of our own, with 3.5 (of 8) numbers: Θ = [0, 1, 0]; 'moves right', V – 10 × 2!",
    "tanet-motionpairs_seed_1.mp4",
    "3 point shot",
    "a < b & c > d",
    "приём 跳跃 größer ✓",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_markdown_shows_as_it_is_is_not_changed(text: str) -> None:
    assert in_markdown(text) == sentence(text) == text


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("*a* _b_ ~c~ `d` $e$", r"\*a\* \_b\_ \~c\~ \`d\` \$e\$"),
        ("<b>x</b> &amp;", r"\<b>x\</b> \&amp;"),
        ("[a](b)", r"[a]\(b)"),
        (":smile: :red[x]", r"\:smile\: \:red[x]"),
        (":material/home:", "\\:\u2060material/home\\:"),
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("1. a", "1\u2060. a"),
        ("a -> b", "a \u2060-> b"),
        ("http://x.y", "http:\u2060//x.y"),
        ("a  b", "a \u00a0b"),
        ("a\\", r"a\\"),
    ],
)
def test_markup_in_a_name_is_taken_off_its_power(name: str, markdown: str) -> None:
    assert in_markdown(name) == markdown


def test_commands_in_a_sentence_stay_marked() -> None:
    text = "`a*b` has none; `tam-viz evaluate all` measures it."
    assert sentence(text) == r"\`a\*b\` has none; `tam-viz evaluate all` measures it."


def test_what_is_hidden_becomes_visible() -> None:
    assert visible("a\nb\x1b[2J\x7f") == "a␊b␛[2J␡"
    assert visible("x\u202egpj.mp4\u200b\u2028") == "x⟨U+202E⟩gpj.mp4⟨U+200B⟩⟨U+2028⟩"
    assert visible("\udcff") == "\ufffd"
    assert visible("👩\u200d🚀") == "👩\u200d🚀"  # one face of two


def test_plotly_gets_no_tags_formulas_or_fields() -> None:
    shown = in_plot("<b>a</b> $x^2$ %{y} &lt;")
    assert not set("<>$%{}") & set(shown)
    assert shown.startswith("&#60;b&#62;a")


def test_a_long_name_loses_its_middle() -> None:
    assert shortened("a" * 40 + "b" * 60, 21) == "a" * 10 + "…" + "b" * 10
    assert len(shortened("x" * 99, 20)) == 20
    assert shortened("short", 20) == "short"
    assert in_plot("<" * 100, 5) == "&#60;" * 2 + "…" + "&#60;" * 2


def test_a_terminal_is_not_steered_by_a_name() -> None:
    assert in_terminal("a\nb\tc") == "a\nb\tc"
    assert in_terminal("\x1b[31mred\r\u202e") == "␛[31mred␍⟨U+202E⟩"
    assert in_terminal("[bold]x[/]") == "[bold]x[/]"
