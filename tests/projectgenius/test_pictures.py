"""Uploaded pictures are checked and written anew."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from projectgenius import pictures
from projectgenius.pictures import clean_picture


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 200), **options) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **options)
    return SimpleUploadedFile("evil.php", out.getvalue())


@pytest.mark.parametrize(
    ("kind", "becomes"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("GIF", "PNG")]
)
def test_picture_is_scaled_and_named_anew(kind: str, becomes: str) -> None:
    clean = clean_picture(picture(kind), longest_side=100)
    with Image.open(clean) as image:
        assert (image.size, image.format) == ((100, 67), becomes)
    assert clean.name.startswith("picture.")


def test_what_a_camera_wrote_is_left_behind_and_the_picture_turned_upright() -> None:
    notes = Image.Exif()
    notes[0x0112] = 6  # turned by 90 degrees
    notes[0x010F] = "Camera of somebody"
    clean = clean_picture(picture(exif=notes), longest_side=1000)
    with Image.open(clean) as image:
        assert image.size == (200, 300)
        assert not dict(image.getexif())


def test_bytes_behind_the_picture_are_left_behind() -> None:
    upload = picture("PNG")
    hostile = SimpleUploadedFile("a.png", upload.read() + b"<script>alert(1)</script>")
    assert b"<script>" not in clean_picture(hostile, longest_side=100).read()


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n" + b"0" * 50]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_picture(SimpleUploadedFile("a.png", content), longest_side=100)
    assert refused.value.code == "not_a_picture"


def test_large_file_and_many_pixels_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 50_000)
    with pytest.raises(ValidationError) as refused:
        clean_picture(picture(), longest_side=100)
    assert refused.value.code == "too_many_pixels"
    monkeypatch.setattr(pictures, "LARGEST_FILE", 10)
    with pytest.raises(ValidationError) as refused:
        clean_picture(picture(), longest_side=100)
    assert refused.value.code == "too_large"
