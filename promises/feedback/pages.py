"""The pages of the feedback room: which address leads to which page."""

from flask import Blueprint

from promises.feedback import intake_pages, interview_pages, privacy_pages, reading_pages
from promises.feedback.curation import pages as curation_pages
from promises.feedback.curation import rating_pages, sorting_pages
from promises.feedback.words import named, said

pages = Blueprint("feedback", __name__)
BOTH = ["GET", "POST"]
pages.add_app_template_filter(named, "named")
pages.add_app_template_filter(said, "said")

pages.add_url_rule("/problems", "board", reading_pages.board)
pages.add_url_rule("/problems/<int:problem_id>", "problem", reading_pages.problem)
pages.add_url_rule("/feedback", "listing", reading_pages.listing)
pages.add_url_rule("/feedback/<int:feedback_id>", "one", reading_pages.one)

pages.add_url_rule("/problems/<int:problem_id>/name", "name", curation_pages.name, methods=BOTH)
pages.add_url_rule("/problems/<int:problem_id>/accept", "accept", curation_pages.accept, methods=["POST"])
pages.add_url_rule("/problems/<int:problem_id>/dismiss", "dismiss", curation_pages.dismiss, methods=BOTH)
pages.add_url_rule("/problems/<int:problem_id>/restore", "restore", curation_pages.restore, methods=["POST"])
pages.add_url_rule("/problems/<int:problem_id>/merge", "merge", curation_pages.merge, methods=BOTH)
pages.add_url_rule(
    "/problems/<int:problem_id>/quotes/<int:mention_id>", "move", curation_pages.move, methods=BOTH
)
pages.add_url_rule("/problems/<int:problem_id>/sort", "sort", sorting_pages.sort, methods=BOTH)
pages.add_url_rule("/problems/<int:problem_id>/part", "part", sorting_pages.part, methods=["POST"])
pages.add_url_rule("/problems/agreement", "ratings", rating_pages.ratings)
pages.add_url_rule("/problems/agreement", "begin_rating", rating_pages.begin_rating, methods=["POST"])
pages.add_url_rule("/problems/agreement/<int:round_id>", "rating", rating_pages.rate, methods=BOTH)
pages.add_url_rule("/feedback/<int:feedback_id>/problem", "place", curation_pages.place, methods=BOTH)

pages.add_url_rule("/feedback/import", "bring_in", intake_pages.bring_in, methods=BOTH)
pages.add_url_rule("/feedback/import/<token>", "mapping", intake_pages.mapping, methods=BOTH)
pages.add_url_rule("/feedback/intakes/<int:intake_id>", "intake", intake_pages.intake)
pages.add_url_rule("/feedback/intakes/<int:intake_id>/set-aside.csv", "set_aside", intake_pages.set_aside)

pages.add_url_rule("/feedback/praise", "praise", privacy_pages.praise)
pages.add_url_rule(
    "/feedback/<int:feedback_id>/original", "original", privacy_pages.original, methods=["POST"]
)
pages.add_url_rule("/customers/erase", "erase_customer", privacy_pages.erase_customer, methods=BOTH)

pages.add_url_rule("/feedback/interviews/new", "new_interview", interview_pages.new, methods=BOTH)
pages.add_url_rule("/feedback/interviews/<int:interview_id>", "interview", interview_pages.one)
