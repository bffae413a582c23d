"""What every template and style sheet of the house keeps to, checked without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from promises.web.navigation import PLACES

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "promises" / "static"
SHEETS = {sheet.stem: sheet.read_text() for sheet in sorted((STATIC / "css").glob("*.css"))}
MACROS = re.findall(r"{% set (.*) = ", (ROOT / "templates" / "macros" / "ui.html").read_text())
COMMENT = re.compile(r"\{#.*?#\}", re.S)


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_a_template_has_nothing_that_the_content_policy_would_refuse(template: Path) -> None:
    text = COMMENT.sub("", template.read_text())
    assert not re.findall(r"\sstyle=|\son[a-z]+=[\"']|javascript:|<style\b", text)
    for script in re.findall(r"<script\b[^>]*>", text):
        assert " src=" in script
    for tag in re.findall(r"<(?:link|script|img|source|use|iframe|form)\b[^>]*>", text):
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", tag), f"an asset from elsewhere: {tag}"


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_every_icon_that_a_template_names_is_drawn(template: Path) -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    text = COMMENT.sub("", template.read_text())
    assert set(re.findall(r"\bicon\('([^']+)'", text)) <= drawn
    assert set(re.findall(r"\bsign='([^']+)'", text)) <= drawn


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_every_macro_and_class_that_a_template_uses_exists(template: Path) -> None:
    text = COMMENT.sub("", template.read_text()).replace("macros/ui.html", "")
    macros = {macro for names in MACROS for macro in names.split(", ")}
    assert set(re.findall(r"\bui\.(\w+)", text)) <= macros
    classes = {word for words in re.findall(r'class="([^"{]*)"', text) for word in words.split()}
    assert classes <= set(re.findall(r"\.([a-z][\w-]*)", "".join(SHEETS.values())))


def test_every_icon_of_the_navigation_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    assert {place.icon for place in PLACES} <= drawn


def test_the_head_links_each_sheet_and_script_and_no_other() -> None:
    head = (ROOT / "templates" / "macros" / "head.html").read_text()
    sheets = re.search(r"for sheet in \(([^)]*)\)", head)
    scripts = re.search(r"for script in \(([^)]*)\)", head)
    assert sheets is not None
    assert scripts is not None
    assert {*re.findall(r"'(\w+)'", sheets[1]), "print"} == set(SHEETS)
    for script in re.findall(r"'(\w+)'", scripts[1]):
        assert (STATIC / "js" / f"{script}.js").exists()


def test_every_token_that_a_sheet_uses_is_given() -> None:
    given = set(re.findall(r"(--[\w-]+):", "".join(SHEETS.values())))
    for sheet, text in SHEETS.items():
        assert set(re.findall(r"var\((--[\w-]+)", text)) <= given, sheet


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet not in ("tokens", "print")])
def test_colours_are_named_in_the_tokens_only(sheet: str) -> None:
    found = re.findall(r"#[0-9a-f]{3,8}\b(?!\))", SHEETS[sheet])
    # Codes and pictures that need white under them whatever the theme are the exception.
    assert set(found) <= {"#fff"}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb as WCAG 2.2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def token(wanted: str, side: int) -> str:
    value = re.search(rf"{wanted}: ([^;]+);", SHEETS["tokens"])
    assert value is not None, wanted
    alias = re.match(r"var\((--[\w-]+)\)", value[1])
    return token(alias[1], side) if alias else re.findall(r"#[0-9a-f]{6}", value[1])[side]


PAIRS = [
    *((ink, ground, 4.5) for ink in ("--ink", "--muted") for ground in ("--paper", "--sunken", "--raised")),
    *((ink, "--paper", 4.5) for ink in ("--accent", "--kept", "--broken", "--pending", "--excluded")),
    *((f"--{verdict}", f"--{verdict}-tint", 4.5) for verdict in ("kept", "broken", "pending", "excluded")),
    ("--ink", "--pressed", 4.5),
    ("--muted", "--pressed", 4.5),
    ("--ink", "--mark", 4.5),
    ("--on-accent", "--accent", 4.5),
    ("--on-accent", "--accent-strong", 4.5),
    ("--on-broken", "--broken", 4.5),
    ("--edge", "--raised", 3.0),
    ("--edge", "--paper", 3.0),
    ("--focus", "--paper", 3.0),
    ("--focus", "--sunken", 3.0),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_ink_stands_out_from_its_ground(theme: str, ink: str, ground: str, least: float) -> None:
    side = ("light", "dark").index(theme)
    assert contrast(token(ink, side), token(ground, side)) >= least
