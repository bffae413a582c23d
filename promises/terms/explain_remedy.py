"""What a broken promise pays, in plain words of the reader's language.

Inside the sentence an amount is said in short ("95.00 – 190.00"); how it comes about is listed under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from promises.language import gettext
from promises.money import CENT
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.line import Line
from promises.terms.remedies import Amount, ByDate, ByLength, BySize, ByValue, Cap, Payment, Percent
from promises.terms.words import (
    attribute,
    attribute_of,
    attribute_worded,
    between_dates,
    between_lengths,
    day,
    day_of_year,
    milestone,
    money,
    number,
    of_span,
    share,
    since,
    spaced,
    span,
    until,
    value_is,
)

Choice = ByValue | BySize | ByLength | ByDate


def owed(terms: TermsDocument) -> str | None:
    """What a broken case pays, as a part of a sentence; None where no payment is laid down."""
    told = [_payment(payment, terms) for payment in terms.remedy.pays]
    if not told:
        return None
    amount = told[0]
    for more in told[1:]:
        amount = gettext("explain.and_more", first=amount, more=more)
    times = terms.remedy.times
    if times is None:
        return amount
    each = attribute_worded("times", times)
    if each is None:
        return gettext("explain.times", amount=amount, name=spaced(times))
    return gettext("explain.each", amount=amount, each=each)


def explain_remedy(terms: TermsDocument) -> list[Line]:
    """How amounts come about, what bounds them, when they are paid."""
    remedy, currency = terms.remedy, terms.currency
    lines = _amounts(terms)
    if remedy.by_hand:
        above = money(remedy.by_hand.second_person_above, currency)
        code = "explain.by_hand_too" if remedy.pays else "explain.by_hand"
        lines.append(Line(gettext(code, above=above)))
    if not remedy.pays:
        return lines
    lines += [_cap(cap, currency) for cap in remedy.caps]
    told = []
    if remedy.at_least is not None:
        told.append(gettext("explain.pays_at_least", amount=money(remedy.at_least, currency)))
    if remedy.nothing_below is not None:
        told.append(gettext("explain.nothing_below", amount=money(remedy.nothing_below, currency)))
    if remedy.round_to != CENT:
        told.append(gettext("explain.round_to", amount=money(remedy.round_to, currency)))
    if remedy.once_per:
        known = attribute_worded("once_per", remedy.once_per)
        told.append(known or gettext("explain.once_per", attribute=attribute(remedy.once_per)))
    return lines + [Line(words) for words in told + _when(terms)]


def _payment(payment: Payment, terms: TermsDocument) -> str:
    told = in_short(payment.amount, terms.currency)
    if payment.per is None:
        return told
    after = "limit" if isinstance(terms.measure, TimeMeasure) else "breach"
    code = f"explain.per_{payment.counting}_after_{after}"
    return gettext(code, amount=told, period=of_span(payment.per))


def _amounts(terms: TermsDocument) -> list[Line]:
    """The choices behind the amounts, each told once."""
    rules: list[Choice] = []
    for payment in terms.remedy.pays:
        if isinstance(payment.amount, Choice) and payment.amount not in rules:
            rules.append(payment.amount)
    lines = []
    for rule in rules:
        periods = {payment.per is not None for payment in terms.remedy.pays if payment.amount == rule}
        code = "explain.amounts"
        if len(terms.remedy.pays) > 1 and len(periods) == 1:
            code = "explain.amounts_period" if periods == {True} else "explain.amounts_once"
        lines.append(Line(gettext(code), _listed(rule, terms.currency)))
    return lines


def in_short(rule: Amount, currency: str) -> str:
    """An amount rule as a part of a sentence: the amount, or from which to which."""
    leaves = list(_leaves(rule))
    sums = sorted({leaf for leaf in leaves if isinstance(leaf, Decimal)})
    shares = sorted({leaf.percent / 100 for leaf in leaves if isinstance(leaf, Percent)})
    named = {leaf.of for leaf in leaves if isinstance(leaf, Percent)}
    if not shares:
        low, high = money(sums[0], currency), money(sums[-1], currency)
        return low if low == high else gettext("explain.between", low=low, high=high)
    if sums or len(named) > 1:
        return gettext("explain.as_listed")
    of = attribute_of(named.pop())
    if len(shares) == 1:
        return gettext("explain.percent", share=share(shares[0]), of=of)
    return gettext("explain.percent_between", low=share(shares[0]), high=share(shares[-1]), of=of)


def _leaves(rule: Amount) -> Iterator[Decimal | Percent]:
    if isinstance(rule, Decimal | Percent):
        yield rule
    else:
        for _, inner in _choices(rule):
            yield from _leaves(inner)


def _listed(rule: Amount, currency: str) -> Iterator[Line]:
    """A choice as lines, choices inside it as lines under them."""
    for when, inner in _choices(rule):
        head = when[:1].upper() + when[1:]
        if isinstance(inner, Choice):
            yield Line(gettext("explain.choices", when=head), _listed(inner, currency))
        else:
            yield Line(gettext("explain.choice", when=head, amount=in_short(inner, currency)))


def _choices(rule: Amount) -> Iterator[tuple[str, Amount]]:
    """What a choice depends on, in words, and what is then paid."""
    if isinstance(rule, ByValue):
        for value, inner in rule.is_.items():
            yield value_is(rule.by, value), inner
    elif isinstance(rule, BySize):
        below = None
        for size in rule.bands:
            yield _size(rule.by, below, size.up_to), size.pays
            below = size.up_to
    elif isinstance(rule, ByLength):
        following = [band.from_ for band in rule.by_length[1:]]
        for place, length in enumerate(rule.by_length):
            end = following[place] if place < len(following) else None
            yield between_lengths(length.from_, end), length.pays
    elif isinstance(rule, ByDate):
        starts = [band.from_ for band in rule.by_date[1:]]
        for place, band in enumerate(rule.by_date):
            after = starts[place] if place < len(starts) else None
            yield between_dates(rule.at, band.from_, after), band.pays


def _size(by: str, above: Decimal | None, up_to: Decimal | None) -> str:
    name = attribute(by)
    if above is None and up_to is None:
        return gettext("explain.any_size", attribute=name)
    if up_to is None:
        return gettext("explain.over", attribute=name, size=number(above or Decimal(0)))
    if above is None:
        return gettext("explain.at_most", attribute=name, value=number(up_to))
    return gettext("explain.over_to", attribute=name, low=number(above), high=number(up_to))


def _cap(cap: Cap, currency: str) -> Line:
    parts: tuple[Line, ...] = ()
    if isinstance(cap.amount, Choice):
        parts = tuple(_listed(cap.amount, currency))
    amount = in_short(cap.amount, currency) if cap.amount is not None else ""
    if cap.per == "case":
        return Line(gettext("explain.cap_case", amount=amount), parts)
    by = cap.by or ""
    facts = {"whom": attribute_worded("cap_by", by) or gettext("explain.cap_by", name=attribute(by))}
    kind = f"{cap.per}_from" if cap.per == "year" and cap.year_starts != (1, 1) else cap.per
    if kind == "year_from":
        facts["start"] = day_of_year(*cap.year_starts)
    if cap.times is not None:
        return Line(gettext(f"explain.cap_times_{kind}", times=cap.times, **facts))
    return Line(gettext(f"explain.cap_{kind}", amount=amount, **facts), parts)


def _when(terms: TermsDocument) -> list[str]:
    remedy, currency = terms.remedy, terms.currency
    told = []
    if remedy.claim:
        within, asked = span(remedy.claim.within), until(remedy.claim.milestone)
        told.append(gettext("explain.claim", end=asked, within=within))
    if remedy.pay_within and remedy.pay_from:
        start = since(remedy.pay_from)
        told.append(gettext("explain.pay_within_from", within=of_span(remedy.pay_within), start=start))
    elif remedy.pay_within:
        told.append(gettext("explain.pay_within", within=of_span(remedy.pay_within)))
    elif remedy.pay_from:
        told.append(gettext("explain.pay_from", milestone=milestone(remedy.pay_from)))
    if remedy.late and remedy.late.pays:
        told.append(gettext("explain.late_pays", amount=money(remedy.late.pays, currency)))
    if remedy.late:
        told += [
            gettext("explain.late_interest", rate=share(rate.percent / 100), date=day(rate.from_))
            for rate in remedy.late.interest
        ]
    return told + _ways(terms)


def _ways(terms: TermsDocument) -> list[str]:
    remedy = terms.remedy
    if remedy.ways == ["counter"]:
        return []
    told = [gettext("explain.ways", ways=", ".join(gettext(f"way.{way}") for way in remedy.ways))]
    if "voucher" in remedy.ways:
        told.append(gettext("explain.voucher_valid", within=span(remedy.voucher_valid)))
    return told
