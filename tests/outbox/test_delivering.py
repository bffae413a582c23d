"""Other systems hear of what happened: signed, once, and tried again until they say that they did."""

import hmac
import json
import socket
import threading
import time
from base64 import b64decode, b64encode
from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import open_session, transaction
from promises.outbox.actions import notify
from promises.outbox.delivering import WAITS, deliver_due, poster
from promises.outbox.posting import KEPT_CHARACTERS, post
from promises.outbox.signing import secret_of, signature
from promises.outbox.tables import Delivery, Notice, Webhook
from promises.outbox.webhooks import add_webhook, end_webhook, send_again, standings
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.outbox.receivers import HANGS_S, receiver

KEY = "k" * 40
BROKEN = {"case_id": 7, "reference": "A 12", "at": NOON.isoformat()}
SECOND = timedelta(seconds=1)


def listens(engine, address, kinds=("case.broken",), branch_ids=()):
    with transaction(engine) as session:
        return add_webhook(
            session,
            name="Queue system",
            address=address,
            kinds=kinds,
            branch_ids=branch_ids,
            private=True,
            by=None,
            as_of=NOON,
        )


def tell(engine, branch_id, facts=BROKEN, kind="case.broken"):
    with transaction(engine) as session:
        notify(session, kind, facts, branch_id, NOON)


def deliver(engine, as_of=NOON, **how):
    return deliver_due(engine, poster(private=True), installation=KEY, as_of=as_of, **how)


def only(engine, table=Delivery):
    with open_session(engine, writes=False) as session:
        return session.exec(select(table)).one()


def test_a_broken_promise_is_told_with_its_branch_and_facts(engine, cast):
    with receiver() as other:
        listens(engine, other.address)
        tell(engine, cast.centre)
        assert deliver(engine) == 1
    ((path, headers, body),) = other.heard
    assert path == "/promises"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "type": "case.broken",
        "timestamp": NOON.isoformat(),
        "data": {"branch": "centre", "count": 1, "total": None, "currency": None, "items": [BROKEN]},
    }


def test_it_is_signed_as_standard_webhooks_says(engine, cast):
    """The receiver's side, written anew from the standard: HMAC-SHA256 over id, timestamp and body."""
    with receiver() as other:
        webhook = listens(engine, other.address)
        tell(engine, cast.centre)
        deliver(engine)
    ((_, headers, body),) = other.heard
    key = b64decode(secret_of(KEY, webhook.salt).removeprefix("whsec_"))
    signed = ".".join([headers["webhook-id"], headers["webhook-timestamp"], body.decode()])
    expected = b64encode(hmac.digest(key, signed.encode(), "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))


def test_the_signature_of_the_standards_own_example():
    """From the test of the standard's reference libraries."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_webhooks_have_secrets_of_their_own_that_the_database_does_not_hold(engine):
    first, second = listens(engine, "https://a.example/"), listens(engine, "https://b.example/")
    assert secret_of(KEY, first.salt) != secret_of(KEY, second.salt)
    assert secret_of("another installation", first.salt) != secret_of(KEY, first.salt)


def test_one_hears_only_of_the_kinds_and_branches_it_asked_for(engine, cast):
    with receiver() as other:
        listens(engine, other.address, kinds=("compensation.late",), branch_ids=(cast.harbour,))
        tell(engine, cast.harbour)
        tell(engine, cast.centre, kind="compensation.late")
        tell(engine, cast.harbour, kind="compensation.late")
        assert deliver(engine) == 1
    assert json.loads(other.heard[0][2])["data"]["branch"] == "harbour"


def test_many_of_one_moment_are_told_together(engine, cast):
    with receiver() as other:
        listens(engine, other.address)
        tell(engine, cast.centre, [{"case_id": n, "amount": "10.00", "currency": "EUR"} for n in range(1200)])
        assert deliver(engine) == 3
    told = [json.loads(body)["data"] for _, _, body in other.heard]
    assert [one["count"] for one in told] == [500, 500, 200]
    assert [one["total"] for one in told] == ["5000.00", "5000.00", "2000.00"]
    assert {item["case_id"] for one in told for item in one["items"]} == set(range(1200))


def test_what_nobody_else_hears_keeps_only_what_a_mail_names(engine, cast):
    tell(engine, cast.centre, [{"case_id": n} for n in range(300)])
    notice = only(engine, Notice)
    assert (notice.count, len(notice.facts)) == (300, 5)


def test_a_confirmed_delivery_is_not_made_again(engine, cast):
    with receiver() as other:
        listens(engine, other.address)
        tell(engine, cast.centre)
        assert deliver(engine) == 1
        assert deliver(engine, NOON + timedelta(days=3)) == 0
    assert len(other.heard) == 1
    assert only(engine).confirmed_at == NOON


def test_nothing_is_told_of_what_was_rolled_back(engine, cast):
    with receiver() as other:
        listens(engine, other.address)
        with open_session(engine) as session:
            notify(session, "case.broken", BROKEN, cast.centre, NOON)
            session.rollback()
        assert deliver(engine) == 0
    assert other.heard == []


def test_one_that_answers_500_is_asked_again_under_the_same_id(engine, cast):
    """healthchecks issue 212: an alert was marked as sent before it was sent."""
    with receiver(status=500, answer=b"no" * 2000) as other:
        listens(engine, other.address)
        tell(engine, cast.centre)
        assert deliver(engine) == 0
        failed = only(engine)
        assert (failed.status, failed.confirmed_at, failed.due_at) == (500, None, NOON + WAITS[0])
        assert failed.answer == ("no" * 2000)[:KEPT_CHARACTERS]
        assert deliver(engine, NOON + WAITS[0] - SECOND) == 0
        assert len(other.heard) == 1
        other.status = 204
        other.answer = b""
        assert deliver(engine, NOON + WAITS[0]) == 1
    ids = [headers["webhook-id"] for _, headers, _ in other.heard]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_redirect_is_not_followed(engine, cast):
    with receiver() as elsewhere, receiver(status=301, headers={"Location": elsewhere.address}) as other:
        listens(engine, other.address)
        tell(engine, cast.centre)
        assert deliver(engine) == 0
        assert elsewhere.heard == []
    assert only(engine).status == 301


def test_one_that_is_not_there_is_a_fault_that_is_told(engine, cast):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        listens(engine, f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        tell(engine, cast.centre)
        assert deliver(engine) == 0
    assert "ConnectionRefusedError" in only(engine).fault


@pytest.mark.parametrize(
    "temper", [{"hangs": threading.Event()}, {"dribbles": True}], ids=["hangs", "dribbles"]
)
def test_one_that_never_ends_its_answer_is_left(temper):
    with receiver(**temper) as other:
        began = time.monotonic()
        answer = post(other.address, b"{}", {}, private=True, whole_s=0.5)
        took = time.monotonic() - began
    assert answer.status is None
    assert "TimeoutError" in answer.fault
    assert took < HANGS_S


def test_one_that_is_down_holds_up_no_other_and_is_asked_once_a_round(engine, cast):
    with receiver(status=503) as down, receiver() as well:
        listens(engine, down.address)
        listens(engine, well.address)
        for number in range(5):
            tell(engine, cast.centre, {"case_id": number})
        assert deliver(engine) == 5
        assert (len(down.heard), len(well.heard)) == (1, 5)


def test_after_its_last_try_a_delivery_rests_and_can_be_sent_again(engine, cast):
    with receiver(status=500) as other:
        webhook = listens(engine, other.address)
        tell(engine, cast.centre)
        moment = NOON
        for _ in range(len(WAITS) + 1):
            deliver(engine, moment)
            moment = only(engine).due_at or moment
        assert (only(engine).due_at, len(other.heard)) == (None, len(WAITS) + 1)
        with transaction(engine) as session:
            assert standings(session)[0].given_up == 1
            assert (
                send_again(session, session.get_one(Webhook, webhook.id), by=cast.administrator, as_of=moment)
                == 1
            )
        other.status = 200
        assert deliver(engine, moment) == 1
    with open_session(engine, writes=False) as session:
        (standing,) = standings(session)
        assert (standing.confirmed, standing.waiting, standing.given_up) == (1, 0, 0)


def test_one_that_was_let_go_hears_nothing_more_not_even_what_waited(engine, cast):
    with receiver() as other:
        webhook = listens(engine, other.address)
        tell(engine, cast.centre)
        for _ in range(2):
            with transaction(engine) as session:
                kept = session.get_one(Webhook, webhook.id)
                end_webhook(session, kept, by=cast.administrator, as_of=NOON)
        tell(engine, cast.centre)
        assert deliver(engine) == 0
    assert other.heard == []


def test_three_senders_at_once_deliver_each_notice_once(engine, cast):
    with receiver() as other:
        listens(engine, other.address)
        for number in range(15):
            tell(engine, cast.centre, {"case_id": number})
        senders = [threading.Thread(target=deliver, args=(engine,)) for _ in range(3)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    told = [json.loads(body)["data"]["items"][0]["case_id"] for _, _, body in other.heard]
    assert sorted(told) == list(range(15))


def test_a_sender_that_died_in_the_midst_of_it_leaves_it_to_another_after_its_lease(engine, cast):
    class Killed(BaseException):
        pass

    def dies(*_):
        raise Killed

    with receiver() as other:
        listens(engine, other.address)
        tell(engine, cast.centre)
        with pytest.raises(Killed):
            deliver_due(engine, dies, installation=KEY, as_of=NOON)
        assert deliver(engine, NOON + timedelta(seconds=119)) == 0
        assert deliver(engine, NOON + timedelta(minutes=2)) == 1


@pytest.mark.parametrize("kinds", [(), ("case.unheard_of",)])
def test_a_webhook_hears_of_something_that_there_is(session, kinds):
    with pytest.raises(Refusal):
        add_webhook(
            session,
            name="",
            address="https://a.example/",
            kinds=kinds,
            branch_ids=(),
            private=False,
            by=None,
            as_of=NOON,
        )
