from flask import Blueprint

from promises.compensation import actions  # noqa: F401

pages = Blueprint("compensation", __name__)
