"""The pages of the queue: which address leads to which page."""

from flask import Blueprint

from promises.queue import desk_pages
from promises.service.keys import LARGEST_ID

pages = Blueprint("queue", __name__)
DESK = "/branches/<branch>/desk"
A_CASE = f"<int(max={LARGEST_ID}):case_id>"
AN_ACT = f"{DESK}/{A_CASE}/<any({', '.join(repr(act) for act in desk_pages.ACTS)}):act>"

pages.add_url_rule(DESK, "desk", desk_pages.show)
pages.add_url_rule(f"{DESK}/tickets", "give", desk_pages.give, methods=["POST"])
pages.add_url_rule(f"{DESK}/next", "call_next", desk_pages.call_next, methods=["POST"])
pages.add_url_rule(f"{DESK}/sit", "sit", desk_pages.sit, methods=["POST"])
pages.add_url_rule(AN_ACT, "act", desk_pages.act, methods=["POST"])
