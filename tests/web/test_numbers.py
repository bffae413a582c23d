"""Counts inside sentences."""

from __future__ import annotations

from flask import render_template_string

from promises import language


def test_a_count_in_a_sentence_is_written_as_the_reader_writes_numbers(app):
    told = '{{ ngettext("%(num)s quote", "%(num)s quotes", n) }}'
    with app.test_request_context():
        with language.spoken("fi"):
            assert render_template_string(told, n=12345) == "12\N{NO-BREAK SPACE}345 lainausta"
            assert render_template_string(told, n=1) == "1 lainaus"
        with language.spoken("en"):
            assert render_template_string(told, n=12345) == "12,345 quotes"
