"""A certificate as a PDF page with a code that leads to its public page."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import segno
from django.core.files.storage import default_storage
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from courses.certificates import verify_address
from courses.models import Certificate
from projectgenius.fonts import lacks_letters, write_font

ACCENT, INK, MUTED, LINE = (4, 96, 122), (23, 33, 40), (68, 79, 87), (193, 229, 243)
WIDTH, HEIGHT, MARGIN, CODE_SIZE = 297.0, 210.0, 18.0, 30.0  # millimetres, A4 on its side
SIGNATURE_WIDTH, SIGNATURE_HEIGHT, SIGNATURE_LINE = 70.0, 24.0, 172.0  # millimetres; the line from the top
LONG_STATEMENT = 180  # characters


def render_certificate(certificate: Certificate) -> bytes:
    """The certificate on one page of A4. The names are set in a font that has Latin, Greek and Cyrillic.

    For a letter of another script stands a box, and a line says where the whole text can be read.
    """
    page = FPDF(orientation="landscape", unit="mm", format="A4")
    page.set_title(_("Certificate %(code)s") % {"code": certificate.code})
    page.set_lang(get_language() or "en")
    page.set_auto_page_break(auto=False)
    lines, proof = _lines(certificate), _proof_lines(certificate)
    if lacks_letters("".join([*(line.text for line in lines), certificate.statement])):
        proof.append(_("Boxes stand for letters that cannot be printed here. The address below shows them."))
    with TemporaryDirectory() as folder:
        letters = "".join([*(line.text for line in lines), *proof, certificate.statement])
        for style, weight in (("", 400), ("B", 650)):
            font = Path(folder) / f"{weight}.ttf"
            write_font(font, text=letters, weight=weight)
            page.add_font("Noto", style=style, fname=font)
        page.add_page()
        _frame(page)
        page.set_y(38)
        for line in lines:
            _draw(page, line)
        _draw_statement(page, certificate.statement)
        _draw_signature(page, certificate)
        _draw_proof(page, verify_address(certificate), proof)
        return bytes(page.output())


class Line(NamedTuple):
    """A centred line: its text, size in points, room in millimetres, colour and style."""

    text: str
    size: float
    gap: float
    colour: tuple[int, int, int] = MUTED
    style: str = ""


def _lines(certificate: Certificate) -> list[Line]:
    return [
        Line("ProjectGenius", 15, 14, ACCENT, "B"),
        Line(_("certifies that"), 13, 12),
        Line(certificate.holder_name, 34, 19, INK, "B"),
        Line(_("completed the course"), 13, 12),
        Line(certificate.course_title, 24, 15, INK, "B"),
        Line(_details(certificate), 12, 10),
    ]


def _proof_lines(certificate: Certificate) -> list[str]:
    issued = formats.date_format(timezone.localtime(certificate.issued_at), "DATE_FORMAT")
    return [
        _("Issued on %(day)s") % {"day": issued},
        _("Number %(code)s") % {"code": certificate.code},
        verify_address(certificate),
    ]


def _details(certificate: Certificate) -> str:
    hours = ngettext("%(n)s hour", "%(n)s hours", certificate.hours) % {"n": certificate.hours}
    return _("%(hours)s of lessons, taught by %(instructor)s") % {
        "hours": hours,
        "instructor": certificate.instructor_name,
    }


def _frame(page: FPDF) -> None:
    page.set_draw_color(*ACCENT)
    page.set_line_width(0.9)
    page.rect(10, 10, WIDTH - 20, HEIGHT - 20)
    page.set_draw_color(*LINE)
    page.set_line_width(0.3)
    page.rect(13, 13, WIDTH - 26, HEIGHT - 26)


def _draw(page: FPDF, line: Line) -> None:
    """One centred line; a text too long for the page is set smaller."""
    page.set_text_color(*line.colour)
    page.set_font("Noto", style=line.style, size=line.size)
    room = WIDTH - 4 * MARGIN
    width = page.get_string_width(line.text)
    if width > room:
        page.set_font("Noto", style=line.style, size=line.size * room / width)
    page.set_x(2 * MARGIN)
    page.cell(room, line.gap, line.text, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _draw_statement(page: FPDF, text: str) -> None:
    """The instructor's own text, in as many lines as it takes; a long one is set smaller."""
    if not text:
        return
    page.set_text_color(*INK)
    page.set_font("Noto", size=11 if len(text) <= LONG_STATEMENT else 9)
    page.set_x(2 * MARGIN)
    page.multi_cell(
        WIDTH - 4 * MARGIN, 5.5, " ".join(text.split()), align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )


def _draw_signature(page: FPDF, certificate: Certificate) -> None:
    """The picture of the signature over a line, with the name below; nothing when there is none or its file is gone."""
    if not certificate.signature or not default_storage.exists(certificate.signature):
        return
    with default_storage.open(certificate.signature) as stream:
        picture = BytesIO(stream.read())
    left = (WIDTH - SIGNATURE_WIDTH) / 2
    page.image(
        picture,
        x=left,
        y=SIGNATURE_LINE - SIGNATURE_HEIGHT,
        w=SIGNATURE_WIDTH,
        h=SIGNATURE_HEIGHT,
        keep_aspect_ratio=True,
        alt_text=_("Signature"),
    )
    page.set_draw_color(*MUTED)
    page.set_line_width(0.2)
    page.line(left, SIGNATURE_LINE, left + SIGNATURE_WIDTH, SIGNATURE_LINE)
    page.set_text_color(*MUTED)
    page.set_font("Noto", size=10)
    width = page.get_string_width(certificate.instructor_name)
    if width > SIGNATURE_WIDTH:
        page.set_font("Noto", size=10 * SIGNATURE_WIDTH / width)
    page.set_xy(left, SIGNATURE_LINE + 1)
    page.cell(SIGNATURE_WIDTH, 5, certificate.instructor_name, align="C")


def _draw_proof(page: FPDF, address: str, lines: list[str]) -> None:
    """Date, number and address on the left (a note above them), the code that leads there on the right."""
    picture = BytesIO()
    segno.make(address, error="m").save(picture, kind="png", scale=8, border=1)
    side = CODE_SIZE
    page.image(
        picture,
        x=WIDTH - MARGIN - side - 2,
        y=HEIGHT - MARGIN - side - 2,
        w=side,
        alt_text=address,
        link=address,
    )
    page.set_text_color(*MUTED)
    for text, size, above in zip(lines, (10, 10, 8, 8), (12, 5, -1, 19), strict=False):
        page.set_font("Noto", size=size)
        page.text(MARGIN + 4, HEIGHT - MARGIN - above, text)
