"""The pages of the survey room: which address leads to which page."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from promises.surveys import asking_pages, erasing, public_pages, score_pages  # noqa: F401 - erasing registers itself

pages = Blueprint("surveys", __name__)
BOTH = ["GET", "POST"]

pages.add_url_rule("/surveys", "listing", asking_pages.listing)
pages.add_url_rule("/surveys/new", "new", asking_pages.new, methods=BOTH)
pages.add_url_rule("/surveys/<int:survey_id>", "one", asking_pages.one)
pages.add_url_rule("/surveys/<int:survey_id>/answers", "answers", asking_pages.answers)
pages.add_url_rule("/surveys/<int:survey_id>/doors", "open_door", asking_pages.open_door, methods=["POST"])
pages.add_url_rule(
    "/surveys/<int:survey_id>/doors/<int:door_id>/shut", "shut_door", asking_pages.shut_door, methods=["POST"]
)
pages.add_url_rule("/surveys/<int:survey_id>/doors/<int:door_id>", "poster", asking_pages.poster)
pages.add_url_rule("/surveys/<int:survey_id>/invite", "invite", asking_pages.invite, methods=["POST"])
pages.add_url_rule("/surveys/<int:survey_id>/close", "close", asking_pages.close, methods=["POST"])

pages.add_url_rule("/nps", "nps", score_pages.nps)

pages.add_url_rule("/s/<token>", "door", public_pages.door, methods=BOTH)
pages.add_url_rule("/i/<token>", "invited", public_pages.invited, methods=BOTH)
pages.add_url_rule("/i/<token>/stop", "stop", public_pages.stop, methods=BOTH)
pages.add_url_rule("/survey/thanks", "thanks", public_pages.thanks)


@pages.record
def _without_cookies(state: BlueprintSetupState) -> None:
    """Customers answer without a session: there is nothing in it that another page could abuse."""
    for view in (public_pages.door, public_pages.invited, public_pages.stop):
        state.app.extensions["csrf"].exempt(view)
