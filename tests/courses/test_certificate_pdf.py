"""The certificate on paper: what a reader finds on it, and that nothing runs off the page."""

from io import BytesIO
from typing import Any

import pytest
import segno
from PIL import Image
from pypdf import PdfReader

from courses.certificate_pdf import HEIGHT, MARGIN, WIDTH, render_certificate
from courses.certificates import verify_address
from courses.models import Certificate
from tests.courses.factories import CertificateFactory

MILLIMETRE = 72 / 25.4  # points
LONG = (
    "Maximiliane-Alexandrine von Hohenstein-Wittgenburg zu Oberschlettenbach und Niederwallmenach, "
    "geborene Achterberg-Zülow"
)
CYRILLIC = "Александра Константиновна Рождественская-Щёголева"


def page_of(certificate: Certificate) -> Any:
    reader = PdfReader(BytesIO(render_certificate(certificate)))
    assert len(reader.pages) == 1
    return reader.pages[0]


def texts_with_places(page: Any) -> list[tuple[str, float, float]]:
    """Each text of the page with the place where it begins, in millimetres from the left and the bottom."""
    found: list[tuple[str, float, float]] = []

    def visit(text: str, _user: Any, matrix: list[float], _font: Any, _size: float) -> None:
        if text.strip():
            found.append((text.strip(), matrix[4] / MILLIMETRE, matrix[5] / MILLIMETRE))

    page.extract_text(visitor_text=visit)
    return found


@pytest.fixture
def certificate(db: None) -> Certificate:
    return CertificateFactory(
        holder_name="Amara Okafor",
        course_title="Counting for beginners",
        instructor_name="Helen Marsh",
        hours=12,
        code="ABCD-EFGH-JKLM-2345",
    )


def test_paper_says_who_completed_what(certificate: Certificate, settings: Any) -> None:
    text = page_of(certificate).extract_text()
    for part in (
        "Amara Okafor",
        "Counting for beginners",
        "12 hours of lessons, taught by Helen Marsh",
        "Number ABCD-EFGH-JKLM-2345",
        f"{settings.SITE_URL}/verify/ABCD-EFGH-JKLM-2345/",
        f"Issued on {certificate.issued_at:%-d %B %Y}",
    ):
        assert part in text


def test_paper_is_an_a4_page_on_its_side(certificate: Certificate) -> None:
    box = page_of(certificate).mediabox
    assert (round(box.width / MILLIMETRE), round(box.height / MILLIMETRE)) == (WIDTH, HEIGHT)


def test_printed_code_holds_the_address_of_the_public_page(certificate: Certificate) -> None:
    address = verify_address(certificate)
    assert address == "https://testserver/verify/ABCD-EFGH-JKLM-2345/"
    (drawn,) = page_of(certificate).images
    picture = Image.open(BytesIO(drawn.data)).convert("L")
    wanted = segno.make(address, error="m")
    scale, border = 8, 1
    side = len(wanted.matrix) + 2 * border
    assert picture.size == (side * scale, side * scale)

    def is_dark(column: int, row: int) -> bool:
        place = ((column + border) * scale + scale // 2, (row + border) * scale + scale // 2)
        return picture.getpixel(place) < 128  # type: ignore[operator]

    for row, modules in enumerate(wanted.matrix):
        assert [is_dark(column, row) for column in range(len(modules))] == [bool(m) for m in modules]


@pytest.mark.parametrize("holder", ["Al", LONG, CYRILLIC, "Νικόλαος Παπαδόπουλος", "Łukasz Żółć", "W" * 120])
@pytest.mark.parametrize("title", ["Counting", "Rechnen und Schätzen in der Donaudampfschifffahrt " * 4])
def test_names_fit_on_the_page(db: None, holder: str, title: str) -> None:
    certificate = CertificateFactory(
        holder_name=holder, course_title=title.strip()[:200], instructor_name=LONG
    )
    page = page_of(certificate)
    assert holder in page.extract_text().replace("\n", " ")
    places = texts_with_places(page)
    assert places
    # The lines are centred: one that begins within the margin on the left ends within it on the right.
    for text, left, bottom in places:
        assert left >= MARGIN, text
        assert MARGIN / 2 <= bottom <= HEIGHT - MARGIN, text


def test_letters_that_the_font_lacks_do_not_stop_the_paper(db: None) -> None:
    certificate = CertificateFactory(holder_name="山田 太郎 😀", course_title="Ça ira")
    assert "Ça ira" in page_of(certificate).extract_text()


def test_names_are_texts_and_nothing_else(db: None) -> None:
    certificate = CertificateFactory(holder_name="(Bobby) \\ **Tables** <b>&amp;", course_title="a) Tj ET")
    text = page_of(certificate).extract_text()
    assert "(Bobby) \\ **Tables** <b>&amp;" in text
    assert "a) Tj ET" in text


NOTE = "Boxes stand for letters"


@pytest.mark.parametrize("name", ["山田太郎", "محمد علي", "Zoë 😀", "a\u0000b\u202ec", "\u0301", ""])
def test_letters_that_the_font_lacks_are_told(certificate: Certificate, name: str) -> None:
    certificate.holder_name = name
    text = page_of(certificate).extract_text()
    assert "Counting for beginners" in text
    assert (NOTE in text) == (name in ("山田太郎", "محمد علي", "Zoë 😀"))


def test_letters_of_the_font_need_no_note(certificate: Certificate) -> None:
    certificate.holder_name, certificate.statement = CYRILLIC, "Ünal Şahin\n\tΔήμητρα"
    assert NOTE not in page_of(certificate).extract_text()
