"""Amounts as people type them."""

from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from promises.web.forms import MoneyField


class Asked(Form):
    amount = MoneyField()


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("10", "10"),
        ("10,50", "10.50"),
        (" 1 000,5 € ", "1000.5"),
        ("€10.500", "10.50"),
        ("-3", "-3"),
        ("999999999999,99", "999999999999.99"),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed, amount):
    form = Asked(MultiDict({"amount": typed}))
    assert form.validate()
    assert form.amount.data == Decimal(amount)


@pytest.mark.parametrize(
    "typed", ["1e309", "1e2", "NaN", "Infinity", "10,501", "٣", "1_0", "ten", "1" * 13, ","]
)
def test_what_is_no_amount_is_said_to_be_none(app, typed):
    with app.test_request_context():
        form = Asked(MultiDict({"amount": typed}))
        assert not form.validate()
        assert form.amount.errors
        assert form.amount.data is None
