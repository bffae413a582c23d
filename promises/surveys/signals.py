"""What the survey room tells the rooms after it, inside the same transaction."""

from blinker import Signal

answered = Signal("a customer has answered, or changed the answer: send(session, reply=Reply, as_of=moment)")
