"""The fonts of documents: embedded as far as used, whole in what they show."""

from collections.abc import Callable
from datetime import datetime

import pytest
from reportlab.pdfbase import pdfmetrics

from tests.support.pdf import fonts_of, shown_in
from training_app.demo import AT_A_BASE, AT_ALL_BASES, CONTACT, CUSTOMS, ENTERPRISES
from training_app.documents.fonts import BOLD, FILES, FOLDER, has_glyph
from training_app.documents.lists import Candidate, RoomSheet, Seat, door_list, seat_plan
from training_app.documents.tickets import TicketSheet, admission_tickets

RARE = "㛃䶮𬀩"
PEOPLE = [(zh, en) for people in [*AT_A_BASE.values(), AT_ALL_BASES, (CONTACT,)] for _, zh, en, _ in people]


def outline_in_the_font(name: str, character: str) -> bytes:
    """The outline as the file of the font has it; ReportLab takes simple glyphs over as they are."""
    face = pdfmetrics.getFont(name).face
    glyph = face.charToGlyph[ord(character)]
    return face.get_table("glyf")[face.glyphPos[glyph] : face.glyphPos[glyph + 1]]


@pytest.mark.parametrize("character", RARE)
def test_a_rare_character_of_a_name_is_embedded(
    ticket: Callable[..., TicketSheet], made_at: datetime, character: str
) -> None:
    pdf = admission_tickets([ticket(name_zh=f"程{character}")], "zh", made_at)
    (shown,) = [one for one in shown_in(pdf) if one.character == character]
    assert shown.font.endswith("NotoSansSC-Bold") and not shown.is_missing
    # the file of the font may fill up the outline to a round length
    assert len(shown.outline) > 100 and shown.outline.startswith(outline_in_the_font(BOLD, character)[:100])


def test_different_rare_characters_have_different_outlines(
    ticket: Callable[..., TicketSheet], made_at: datetime
) -> None:
    pdf = admission_tickets([ticket(name_zh=RARE)], "zh", made_at)
    assert len({one.outline for one in shown_in(pdf) if one.character in RARE}) == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_the_demonstration_lacks_a_glyph(
    room: Callable[..., RoomSheet], made_at: datetime, language: str
) -> None:
    seats = [
        Seat(f"A{place}", place // 6, place % 6, candidate=Candidate(zh, en, f"DEMO-{place}", f"T-{place}"))
        for place, (zh, en) in enumerate(PEOPLE)
    ]
    for pdf in (door_list([room(*seats)], language, made_at), seat_plan([room(*seats)], language, made_at)):
        shown = list(shown_in(pdf))
        assert {char for zh, _ in PEOPLE for char in zh} <= {one.character for one in shown}
        assert [one for one in shown if one.is_missing or (not one.outline and one.character != " ")] == []


def test_every_character_of_demonstration_firms_has_a_glyph() -> None:
    names = "".join(part for row in (*ENTERPRISES, *CUSTOMS) for part in row)
    assert [character for character in names if not has_glyph(character)] == []


def test_every_font_is_embedded_as_a_small_part(ticket: Callable[..., TicketSheet], made_at: datetime) -> None:
    fonts = fonts_of(admission_tickets([ticket()], "zh", made_at))
    assert {name.partition("+")[2] for name in fonts} == {"NotoSansSC-Regular", "NotoSansSC-Bold"}
    assert [name for name, file in fonts.items() if not 0 < len(file) < 200_000] == []


def test_the_fonts_are_shipped_with_their_licence() -> None:
    licence = (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL Open Font License, Version 1.1" in licence and all((FOLDER / file).exists() for file in FILES.values())
