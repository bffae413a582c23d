"""The branch's own queue: the kiosk gives a ticket, tellers call it, the wall and the live board show it."""
