"""The pages of the queue: which address leads to which page."""

from flask import Blueprint

from promises.queue import board_pages, desk_pages, kiosk_pages
from promises.service.keys import LARGEST_ID

pages = Blueprint("queue", __name__)
A_CASE = f"<int(max={LARGEST_ID}):case_id>"

DESK = "/branches/<branch>/desk"
AN_ACT = f"{DESK}/{A_CASE}/<any({', '.join(repr(act) for act in desk_pages.ACTS)}):act>"
pages.add_url_rule(DESK, "desk", desk_pages.show)
pages.add_url_rule(f"{DESK}/tickets", "give", desk_pages.give, methods=["POST"])
pages.add_url_rule(f"{DESK}/next", "call_next", desk_pages.call_next, methods=["POST"])
pages.add_url_rule(f"{DESK}/sit", "sit", desk_pages.sit, methods=["POST"])
pages.add_url_rule(AN_ACT, "act", desk_pages.act, methods=["POST"])
pages.add_url_rule(f"{DESK}/{A_CASE}/transfer", "transfer", desk_pages.transfer, methods=["POST"])

HALL = "/branches/<branch>/hall"
pages.add_url_rule("/branches/<branch>/board", "live", board_pages.live)
pages.add_url_rule(HALL, "hall", board_pages.hall)
pages.add_url_rule(f"{HALL}/devices", "add_device", board_pages.add, methods=["POST"])
pages.add_url_rule(f"{HALL}/devices/<int:device_id>/end", "end_device", board_pages.end, methods=["POST"])
pages.add_url_rule(f"{HALL}/lines", "lines", board_pages.choose_lines, methods=["POST"])

pages.add_url_rule("/device/<secret>", "enter", kiosk_pages.enter)
pages.add_url_rule("/kiosk", "kiosk", kiosk_pages.kiosk)
pages.add_url_rule("/kiosk/tickets", "take", kiosk_pages.take, methods=["POST"])
pages.add_url_rule(f"/kiosk/tickets/{A_CASE}", "handed", kiosk_pages.show_handed)
pages.add_url_rule("/wall", "wall", kiosk_pages.show_wall)
pages.add_url_rule("/board", "board", kiosk_pages.show_board)
