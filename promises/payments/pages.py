"""The pages of payments: which address leads to which page."""

from flask import Blueprint

import promises.payments.erasing
import promises.payments.onward  # noqa: F401  registers where the money of a compensation is
from promises.payments import batch_pages, counter_pages
from promises.service.keys import LARGEST_ID

pages = Blueprint("payments", __name__)
BOTH, PRESS = ["GET", "POST"], ["POST"]

BATCH = "/payments/batches/<int:batch_id>"
pages.add_url_rule("/payments", "overview", batch_pages.overview)
pages.add_url_rule("/payments/batches", "make", batch_pages.make, methods=PRESS)
pages.add_url_rule(BATCH, "batch", batch_pages.batch)
pages.add_url_rule(f"{BATCH}/approve", "approve", batch_pages.approve, methods=PRESS)
pages.add_url_rule(f"{BATCH}/refuse", "refuse", batch_pages.refuse, methods=PRESS)
pages.add_url_rule(f"{BATCH}/file", "download", batch_pages.download, methods=PRESS)
pages.add_url_rule(f"{BATCH}/confirm", "confirm", batch_pages.confirm, methods=PRESS)
pages.add_url_rule(f"{BATCH}/reject", "reject", batch_pages.reject, methods=PRESS)
pages.add_url_rule("/payments/answers", "bring_answer", batch_pages.bring_answer, methods=BOTH)

ONE = f"/branches/<branch>/compensation/<int(max={LARGEST_ID}):compensation_id>"
pages.add_url_rule(f"{ONE}/way", "way", counter_pages.way, methods=BOTH)
pages.add_url_rule(f"{ONE}/voucher.pdf", "print_voucher", counter_pages.print_voucher, methods=PRESS)
pages.add_url_rule(f"{ONE}/receipt.pdf", "receipt", counter_pages.receipt)

pages.add_url_rule("/branches/<branch>/vouchers", "voucher", counter_pages.voucher, methods=BOTH)
pages.add_url_rule("/branches/<branch>/vouchers/redeem", "redeem", counter_pages.redeem, methods=PRESS)
