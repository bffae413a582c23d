"""What the queue tells the rooms after it, inside the same transaction."""

from blinker import Signal

handed = Signal("a kiosk hands a ticket to its customer: send(session, ticket=Ticket)")
