"""Mail leaves after the commit, is tried again until it is confirmed, and never leaves twice."""

from datetime import timedelta
from email import message_from_bytes, policy
from threading import Thread

from sqlmodel import select

from promises.database import open_session, transaction
from promises.outbox.actions import WAITS, send_due, write
from promises.outbox.tables import Letter
from promises.outbox.transport import transport
from tests.conftest import NOON


def a_letter(engine, to="tiina@koepankki.example"):
    with transaction(engine) as session:
        write(session, to, "Äänestys alkoi", "Hei Tiina,\n\nkierros on auki.\n", as_of=NOON)


def only_letter(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(Letter)).one()


def test_a_mail_goes_into_a_folder_where_there_is_no_mail_server(engine, settings):
    a_letter(engine)
    assert send_due(engine, transport(settings), as_of=NOON) == 1
    (file,) = settings.mail_dir.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["Subject"] == "Äänestys alkoi"
    assert message["To"] == "tiina@koepankki.example"
    assert "kierros on auki" in message.get_content()


def test_a_confirmed_mail_is_not_sent_again(engine, settings):
    a_letter(engine)
    send = transport(settings)
    assert send_due(engine, send, as_of=NOON) == 1
    assert send_due(engine, send, as_of=NOON + timedelta(days=1)) == 0
    assert only_letter(engine).sent_at == NOON


def test_a_mail_that_fails_waits_and_is_tried_again(engine):
    def refuses(letter):
        raise ConnectionRefusedError("no mail server")

    a_letter(engine)
    assert send_due(engine, refuses, as_of=NOON) == 0
    letter = only_letter(engine)
    assert letter.fault == "ConnectionRefusedError: no mail server"
    assert letter.due_at == NOON + WAITS[0]
    sent = []
    assert send_due(engine, sent.append, as_of=NOON + WAITS[0] - timedelta(seconds=1)) == 0
    assert send_due(engine, sent.append, as_of=NOON + WAITS[0]) == 1
    assert only_letter(engine).fault == ""


def test_after_its_last_try_a_mail_rests_with_its_fault(engine):
    def refuses(letter):
        raise OSError("down")

    a_letter(engine)
    moment = NOON
    for _ in range(len(WAITS) + 1):
        send_due(engine, refuses, as_of=moment)
        moment = only_letter(engine).due_at or moment
    letter = only_letter(engine)
    assert letter.due_at is None
    assert letter.sent_at is None
    assert letter.tries == len(WAITS) + 1


def test_two_senders_at_once_send_each_mail_once(engine):
    for number in range(20):
        a_letter(engine, f"person{number}@koepankki.example")
    sent = []
    senders = [
        Thread(target=send_due, args=(engine, lambda letter: sent.append(letter.to)), kwargs={"as_of": NOON})
        for _ in range(3)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(sent) == sorted({f"person{number}@koepankki.example" for number in range(20)})
