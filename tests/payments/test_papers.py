"""Receipts and vouchers on paper: tagged PDFs that hold whatever people are called."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promises.payments.papers import Paper, print_paper
from promises.payments.vouchers import qr_svg


def paper(**parts):
    usual = {
        "language": "fi",
        "title": "Kuitti hyvityksestä",
        "company": "Koepankki",
        "place": "Koepankki, Keskusta",
        "label": "Maksettu asiakkaalle",
        "amount": "10,00 €",
        "facts": (("Numero", "0RFR-DQW0-00AZ3"),),
        "words": "Olemme pahoillamme.",
        "foot": "0RFR-DQW0-00AZ3",
    }
    return Paper(**{**usual, **parts})


def test_a_paper_is_a_tagged_pdf_that_says_its_language_and_standard():
    document = print_paper(paper(signature="Allekirjoitus"))
    assert document.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in document
    assert b"/Lang(fi" in document
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", document)


def test_a_voucher_carries_its_code_as_a_picture_too():
    code = "7K3M-00AZ-RF1X-9WQE"
    with_code = print_paper(paper(code=code, qr=qr_svg(code).decode(), qr_alt="Koodi"))
    assert with_code != print_paper(paper())


@pytest.mark.parametrize(
    "name",
    [
        "Möttönen",
        "Ørsted-Łukasz",
        "Жанна",
        "王小明",
        "😀",
        "\u202eabc",
        "*b* $x$ #let _u_ `raw` \\ @x",
        "a" * 200,
    ],
)
def test_whoever_took_it_the_receipt_is_made(name):
    assert print_paper(paper(facts=(("Vastaanottaja", name),))).startswith(b"%PDF")


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_printed(text):
    assert print_paper(paper(facts=(("a", text),), words=text, title="t" + text)).startswith(b"%PDF")


def test_the_same_paper_is_the_same_file():
    assert print_paper(paper()) == print_paper(paper())
