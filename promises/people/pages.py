"""The door, the staff register and the journal."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from promises.language import LANGUAGES, gettext
from promises.people import actions, journal_facts, queries, signing
from promises.people.forms import ButtonForm, ForgotForm, InviteForm, PasswordForm, PersonForm, SignInForm
from promises.people.tables import Person
from promises.refusal import Refusal
from promises.settings import Settings
from promises.web.edge import undo
from promises.web.guard import needs, open_to_all
from promises.web.once import done, pressed_before
from promises.web.request import as_of, asked_number, db, me, visitor

pages = Blueprint("people", __name__)

LINKS_PER_WINDOW = 5
JOURNAL_PAGE = 100


def _settings() -> Settings:
    kept: Settings = current_app.config["SETTINGS"]
    return kept


def _let_in(person: Person) -> None:
    session.clear()
    session["person"], session["stamp"] = person.id, signing.stamp(person)


def _way_back(wanted: str | None) -> str:
    """*wanted* if it stays on this site, else the home page."""
    parts = urlsplit(wanted or "")
    local = wanted and not parts.scheme and not parts.netloc and wanted.startswith("/")
    return wanted if wanted and local and "\\" not in wanted else url_for("reports.home")


@pages.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    form = SignInForm(next=request.args.get("next", ""))
    if visitor() is not None and request.method == "GET":
        return redirect(_way_back(request.args.get("next")))
    if form.validate_on_submit():
        with form.refusals():
            email, password = form.email.data or "", form.password.data or ""
            person = actions.sign_in(db(), email, password, request.remote_addr or "", as_of=as_of())
            if person is not None:
                _let_in(person)
                return redirect(_way_back(form.next.data))
            form.form_errors.append(gettext("people.wrong_sign_in"))
    demo = queries.demo_people(db()) if _settings().demo else []
    status = 422 if form.errors or form.refused else 200
    return render_template("people/sign_in.html", form=form, demo=demo, button=ButtonForm()), status


@pages.post("/demo/<int:person_id>")
@open_to_all
def demo(person_id: int) -> ResponseReturnValue:
    """One click into the demo. There is no such door anywhere else."""
    person = db().get(Person, person_id)
    if not _settings().demo or person is None or not person.demo or person.left_at is not None:
        abort(404)
    _let_in(person)
    return redirect(url_for("reports.home"))


@pages.post("/sign-out")
@open_to_all
def sign_out() -> ResponseReturnValue:
    chosen = visitor().language if visitor() else None  # type: ignore[union-attr]
    session.clear()
    if chosen:
        session["language"] = chosen
    return redirect(url_for("reports.public"))


@pages.post("/language")
@open_to_all
def set_language() -> ResponseReturnValue:
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if visitor() is not None:
            actions.set_language(db(), me().id, chosen)
    return redirect(_way_back(request.form.get("next")))


@pages.post("/theme")
@open_to_all
def set_theme() -> ResponseReturnValue:
    chosen = request.form.get("theme", "")
    if chosen in actions.THEMES:
        session["theme"] = chosen
        if visitor() is not None:
            actions.set_theme(db(), me().id, chosen)
    return redirect(_way_back(request.form.get("next")))


@pages.route("/forgot", methods=["GET", "POST"])
@open_to_all
def forgot() -> ResponseReturnValue:
    form = ForgotForm()
    if form.validate_on_submit():
        email = form.email.data or ""
        with form.refusals():
            signing.throttle(db(), f"forgot|{email.lower()}", LINKS_PER_WINDOW, as_of())
            signing.throttle(db(), f"forgot|{request.remote_addr}", 4 * LINKS_PER_WINDOW, as_of())
            person = actions.find(db(), email)
            if person is not None and person.left_at is None:
                _send_link(person, "reset")
        if not form.refused:
            # The same answer for a known and an unknown address.
            flash(gettext("people.link_on_its_way"), "ok")
            return redirect(url_for(".sign_in"))
    return render_template("people/forgot.html", form=form), 422 if form.errors or form.refused else 200


def _send_link(person: Person, purpose: str) -> None:
    token = signing.link_token(_settings().secret_key, purpose, person)
    link = _settings().base_url + url_for(".link", purpose=purpose, token=token)
    actions.send_link(db(), person, purpose, link, as_of=as_of())


@pages.route("/link/<any(invitation, reset):purpose>/<token>", methods=["GET", "POST"])
@open_to_all
def link(purpose: str, token: str) -> ResponseReturnValue:
    try:
        person = signing.read_link(db(), _settings().secret_key, purpose, token)
    except Refusal:
        undo()
        return render_template("people/dead_link.html", purpose=purpose), 410
    form = PasswordForm()
    if form.validate_on_submit():
        with form.refusals(people__password_short="password"):  # noqa: S106
            actions.choose_password(db(), person, form.password.data or "", as_of=as_of())
        if not form.refused:
            db().flush()
            _let_in(person)
            flash(gettext("people.password_chosen"), "ok")
            return redirect(url_for("reports.home"))
    status = 422 if form.errors or form.refused else 200
    return render_template("people/password.html", form=form, person=person, purpose=purpose), status


@pages.get("/people")
@needs("people.read")
def listing() -> ResponseReturnValue:
    return render_template("people/listing.html", members=queries.members(db()))


@pages.route("/people/invite", methods=["GET", "POST"])
@needs("people.manage")
def invite() -> ResponseReturnValue:
    form = InviteForm(branches=queries.branch_choices(db()))
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(people__known_already="email", people__needs_branch="branches"):
            person = actions.invite(
                db(),
                name=form.name.data,
                email=form.email.data,
                title=form.title.data or "",
                role=form.role.data,
                branches=form.branches.data,
                language=form.language.data,
                by=me().id,
                as_of=as_of(),
            )
            _send_link(person, "invitation")
        if not form.refused:
            flash(gettext("people.invited", name=person.name), "ok")
            return done(form.once.data, url_for(".listing"))
    return render_template("people/invite.html", form=form), 422 if form.errors or form.refused else 200


@pages.route("/people/<int:person_id>", methods=["GET", "POST"])
@needs("people.manage")
def edit(person_id: int) -> ResponseReturnValue:
    person = db().get(Person, person_id) or abort(404)
    form = PersonForm(
        data={
            "name": person.name,
            "title": person.title,
            "role": person.role,
            "branches": queries.branch_ids(db(), person_id),
        },
        branches=queries.branch_choices(db()),
    )
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(people__needs_branch="branches", people__last_administrator="role"):
            actions.change(
                db(),
                person,
                name=form.name.data,
                title=form.title.data or "",
                role=form.role.data,
                branches=form.branches.data,
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext("people.saved", name=person.name), "ok")
            return done(form.once.data, url_for(".listing"))
    status = 422 if form.errors or form.refused else 200
    return render_template("people/edit.html", form=form, member=person), status


@pages.post("/people/<int:person_id>/leave")
@needs("people.manage")
def leave(person_id: int) -> ResponseReturnValue:
    person = db().get(Person, person_id) or abort(404)
    try:
        actions.leave(db(), person, by=me().id, as_of=as_of())
    except Refusal as refusal:
        undo()
        flash(gettext(refusal.code), "error")
        return redirect(url_for(".edit", person_id=person_id))
    flash(gettext("people.has_left", name=person.name), "ok")
    return redirect(url_for(".listing"))


@pages.post("/people/<int:person_id>/invite-again")
@needs("people.manage")
def invite_again(person_id: int) -> ResponseReturnValue:
    person = db().get(Person, person_id) or abort(404)
    if person.left_at is not None:
        abort(404)
    _send_link(person, "reset" if person.password_hash else "invitation")
    flash(gettext("people.invited", name=person.name), "ok")
    return redirect(url_for(".listing"))


@pages.get("/journal")
@needs("journal.read")
def journal() -> ResponseReturnValue:
    verb = request.args.get("verb", "")
    before = asked_number("before")
    lines = queries.journal(db(), before=before, verb=verb, most=JOURNAL_PAGE + 1)
    older = lines[JOURNAL_PAGE - 1].id if len(lines) > JOURNAL_PAGE else None
    return render_template(
        "people/journal.html",
        lines=lines[:JOURNAL_PAGE],
        older=older,
        verb=verb,
        verbs=queries.verbs_used(db()),
        told=journal_facts.told,
    )
