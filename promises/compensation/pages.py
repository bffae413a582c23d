from flask import Blueprint

pages = Blueprint("compensation", __name__)
