"""What a broken promise pays, in plain sentences of the reader's language."""

from __future__ import annotations

from decimal import Decimal

from promises.language import gettext
from promises.terms.document import TermsDocument
from promises.terms.remedies import Amount, ByDate, ByLength, BySize, ByValue, Cap, Payment, Percent, SizeBand
from promises.terms.words import attribute, day, milestone, money, number, share, span


def explain_remedy(terms: TermsDocument) -> list[str]:
    """Payments, then what bounds them, then when they are paid."""
    remedy, currency = terms.remedy, terms.currency
    told = [_payment(payment, currency) for payment in remedy.pays]
    if remedy.by_hand:
        told.append(
            gettext(
                "explain.by_hand",
                most=money(remedy.by_hand.at_most, currency),
                above=money(remedy.by_hand.second_person_above, currency),
            )
        )
    if not told:
        return [gettext("explain.no_remedy")]
    if remedy.times:
        told.append(gettext("explain.times", attribute=attribute(remedy.times)))
    told += [_cap(cap, currency) for cap in remedy.caps]
    if remedy.at_least is not None:
        told.append(gettext("explain.pays_at_least", amount=money(remedy.at_least, currency)))
    if remedy.nothing_below is not None:
        told.append(gettext("explain.nothing_below", amount=money(remedy.nothing_below, currency)))
    if remedy.round_to != Decimal("0.01"):
        told.append(gettext("explain.round_to", amount=money(remedy.round_to, currency)))
    if remedy.once_per:
        told.append(gettext("explain.once_per", attribute=attribute(remedy.once_per)))
    return told + _when(terms)


def _payment(payment: Payment, currency: str) -> str:
    told = amount(payment.amount, currency)
    if payment.per is None:
        return gettext("explain.pays", amount=told)
    code = "explain.pays_per_started" if payment.counting == "started" else "explain.pays_per_complete"
    return gettext(code, amount=told, period=span(payment.per))


def amount(rule: Amount, currency: str) -> str:
    """An amount rule in words."""
    if isinstance(rule, Decimal):
        return money(rule, currency)
    if isinstance(rule, Percent):
        return gettext("explain.percent", share=share(rule.percent / 100), attribute=attribute(rule.of))
    if isinstance(rule, ByValue):
        choices = [
            gettext(
                "explain.if_value", amount=_inner(inner, currency), attribute=attribute(rule.by), value=value
            )
            for value, inner in rule.is_.items()
        ]
    elif isinstance(rule, BySize):
        choices = [_size(rule, place, band, currency) for place, band in enumerate(rule.bands)]
    elif isinstance(rule, ByLength):
        choices = [
            gettext("explain.if_length", amount=_inner(band.pays, currency), length=span(band.from_))
            for band in rule.by_length
        ]
    else:
        choices = [
            gettext(f"explain.if_{rule.at}_date", amount=_inner(band.pays, currency), date=day(band.from_))
            for band in rule.by_date
        ]
    return "; ".join(choices)


def _inner(rule: Amount, currency: str) -> str:
    """An amount inside a choice, in brackets if it is a choice itself."""
    told = amount(rule, currency)
    return f"({told})" if isinstance(rule, ByValue | BySize | ByLength | ByDate) else told


def _size(rule: BySize, place: int, band: SizeBand, currency: str) -> str:
    told, name = _inner(band.pays, currency), attribute(rule.by)
    if band.up_to is not None:
        return gettext("explain.if_up_to", amount=told, attribute=name, size=number(band.up_to))
    if place == 0:
        return told
    below = rule.bands[place - 1].up_to or Decimal(0)
    return gettext("explain.if_over", amount=told, attribute=name, size=number(below))


def _cap(cap: Cap, currency: str) -> str:
    if cap.per == "case":
        return gettext("explain.cap_case", amount=amount(cap.amount or Decimal(0), currency))
    name = attribute(cap.by or "")
    if cap.times is not None:
        return gettext(f"explain.cap_times_{cap.per}", times=cap.times, attribute=name)
    return gettext(
        f"explain.cap_{cap.per}", amount=amount(cap.amount or Decimal(0), currency), attribute=name
    )


def _when(terms: TermsDocument) -> list[str]:
    remedy, currency = terms.remedy, terms.currency
    told = []
    if remedy.claim:
        told.append(
            gettext(
                "explain.claim",
                milestone=milestone(remedy.claim.milestone),
                within=span(remedy.claim.within),
            )
        )
    if remedy.pay_within and remedy.pay_from:
        told.append(
            gettext(
                "explain.pay_within_from",
                within=span(remedy.pay_within),
                milestone=milestone(remedy.pay_from),
            )
        )
    elif remedy.pay_within:
        told.append(gettext("explain.pay_within", within=span(remedy.pay_within)))
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
