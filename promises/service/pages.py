"""The pages of the service room: which address leads to which page."""

from flask import Blueprint

import promises.service.erasing
import promises.service.onward
import promises.service.reopening  # noqa: F401  open cases follow the hours of their branch
from promises.service import case_pages, intake_pages
from promises.service.keys import LARGEST_ID

pages = Blueprint("service", __name__)
BOTH = ["GET", "POST"]
A_CASE = f"<int(max={LARGEST_ID}):case_id>"

pages.add_url_rule("/cases", "listing", case_pages.listing)
pages.add_url_rule(f"/branches/<branch>/cases/{A_CASE}", "one", case_pages.one)

pages.add_url_rule("/cases/import", "bring_in", intake_pages.bring_in, methods=BOTH)
pages.add_url_rule("/cases/import/<token>", "mapping", intake_pages.mapping, methods=BOTH)
pages.add_url_rule("/cases/intakes/<int:intake_id>", "intake", intake_pages.intake)
pages.add_url_rule("/cases/intakes/<int:intake_id>/set-aside.csv", "set_aside", intake_pages.set_aside)
