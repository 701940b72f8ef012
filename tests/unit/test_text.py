"""Lines of text: what fits, what is shown instead, and how numbers read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pytest_katas.report.text import (
    WIDTH,
    bar,
    duration,
    encodable,
    flowed,
    line,
    plain,
    plural,
    printable,
    shortened,
    since,
    wrapped,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_line_keeps_its_pieces_and_their_styles():
    assert line("a ", ("b", "red")) == (("a ", ""), ("b", "red"))


def test_plain_text_has_no_styles_and_no_spaces_at_the_end():
    assert plain([line("a ", ("b ", "red")), line("")]) == "a b\n\n"


class TestEncodable:
    @pytest.mark.parametrize("encoding", ["utf-8", "UTF8"])
    def test_what_the_encoding_has_stays(self, encoding):
        assert encodable("ada · größer …", encoding) == "ada · größer …"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [("a · b", "a - b"), ("“x” → y…", '"x" -> y...'), ("größer", "gr\\xf6\\xdfer"), ("✔", "\\u2714"), ("", "")],
    )
    def test_what_it_lacks_becomes_ascii(self, text, shown):
        assert encodable(text, "ascii") == shown

    def test_half_of_a_character_is_shown_as_an_escape(self):
        assert encodable("\udcff", "utf-8") == "\\udcff"

    def test_a_code_page_keeps_its_own_letters(self):
        assert encodable("größer ✔", "latin-1") == "größer \\u2714"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Zoë Müller", "Zoë Müller"), ("\x1b[31mred", "�[31mred"), ("a\nb\tc\r", "a�b�c�"), ("\u202eevil", "�evil")],
)
def test_nothing_printable_moves_the_cursor(text, shown):
    assert printable(text) == shown


class TestWrapped:
    def test_a_short_text_is_one_line(self):
        assert wrapped("short") == ["short"]

    def test_nothing_is_a_line_with_what_comes_first(self):
        assert wrapped("") == [""]
        assert wrapped("", first="1. ") == ["1. "]

    def test_lines_hang_under_the_first(self):
        rows = wrapped("word " * 40, first="  1. ", indent="     ")
        assert rows[0].startswith("  1. word")
        assert {row[:6] for row in rows[1:]} == {"     w"}
        assert max(map(len, rows)) <= WIDTH

    def test_a_command_is_not_broken_at_a_hyphen(self):
        text = "x" * 70 + " pytest --kata-hint"
        assert wrapped(text) == ["x" * 70 + " pytest", "--kata-hint"]

    def test_a_word_that_is_too_long_stays_whole(self):
        assert wrapped("y" * 100) == ["y" * 100]


class TestFlowed:
    def test_a_short_line_stays_as_it_is(self):
        assert flowed("next: ", ("sums.py:2", "bold"), " halve is") == [
            line("next:", " ", ("sums.py:2", "bold"), " ", "halve", " ", "is")
        ]

    def test_what_stands_together_stays_together(self):
        assert plain(flowed("a (", ("b c", "bold"), "), d")) == "a (b c), d\n"

    def test_a_long_line_is_broken_between_words(self):
        rows = flowed("next: ", ("p" * 60, "bold"), " took longer than a second", indent="  ")
        assert plain(rows) == f"next: {'p' * 60} took longer\n  than a second\n"

    def test_a_styled_piece_is_never_broken(self):
        command = "pytest --kata-spoil katas/with_a_very_long_name_that_fills_most_of_a_line"
        rows = flowed("that was the last one: ", (command, "bold"))
        assert [span.text for span in rows[1]] == [command]

    @pytest.mark.parametrize("length", range(60, 90))
    def test_no_line_is_too_long(self, length):
        rows = flowed("x" * (length - 20), " and ", ("y" * 10, "red"), " zzz" * 4, indent="      ")
        assert max(len(row) for row in plain(rows).splitlines()) <= WIDTH
        assert "".join(plain(rows).split()) == "x" * (length - 20) + "and" + "y" * 10 + "zzz" * 4

    def test_nothing_is_one_empty_line(self):
        assert flowed("") == [()]


class TestBar:
    @pytest.mark.parametrize(
        ("done", "of", "drawn"),
        [
            (0, 4, "[--------]"),
            (1, 4, "[##------]"),
            (4, 4, "[########]"),
            (1, 100, "[#-------]"),
            (99, 100, "[#######-]"),
            (0, 0, "[--------]"),
        ],
    )
    def test_it_is_full_only_when_all_is_done_and_empty_only_when_nothing_is(self, done, of, drawn):
        assert bar(done, of, 8) == drawn


@pytest.mark.parametrize(("count", "text"), [(0, "0 tests"), (1, "1 test"), (2, "2 tests")])
def test_a_count_agrees_with_its_noun(count, text):
    assert plural(count, "test") == text


SPANS = [
    (timedelta(0), "0 s"),
    (timedelta(seconds=59.9), "59 s"),
    (timedelta(seconds=60), "1 min"),
    (timedelta(minutes=59, seconds=59), "59 min"),
    (timedelta(hours=1), "1 h"),
    (timedelta(hours=23, minutes=59), "23 h"),
    (timedelta(days=1), "1 d"),
    (timedelta(days=400), "400 d"),
]


@pytest.mark.parametrize(("span", "text"), [(None, "-"), *SPANS])
def test_a_duration_is_told_in_its_largest_unit(span, text):
    assert duration(span) == text


@pytest.mark.parametrize(("span", "text"), SPANS)
def test_what_is_past_is_told_as_a_distance(span, text):
    assert since(NOW - span, NOW) == ("just now" if text.endswith(" s") else text)


def test_what_never_was_and_what_a_clock_puts_into_the_future():
    assert since(None, NOW) == "-"
    assert since(NOW + timedelta(hours=5), NOW) == "just now"


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("rrrg", "rrrg"), ("rrgag", "..ag"), ("r" * 99 + "g", "..rg")])
def test_the_newest_attempts_are_kept_where_there_is_little_room(text, shown):
    assert shortened(text, 4) == shown
