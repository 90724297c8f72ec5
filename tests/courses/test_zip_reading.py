"""ZIP files from strangers: each attack is refused by name, and nothing lands outside the folder."""

import contextlib
import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from courses import zip_reading
from courses.zip_reading import ZipError, printable, unpack
from tests.courses.archives import zipped


def refused(data: bytes, target: Path) -> list[tuple[str, str]]:
    """What the archive is refused for; checks that nothing was written beside `target`."""
    beside = {path for path in target.parent.iterdir() if path != target}
    with pytest.raises(ZipError) as error:
        unpack(io.BytesIO(data), target)
    assert {path for path in target.parent.iterdir() if path != target} == beside
    return error.value.problems


def raw(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in entries:
            archive.writestr(info, content)
    return out.getvalue()


def with_mode(name: str, mode: int, content: bytes = b"") -> bytes:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.create_system = mode << 16, 3
    return raw((info, content))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "place" / "in"
    folder.mkdir(parents=True)
    return folder


def test_plain_archive_is_unpacked(target: Path) -> None:
    data = zipped({"course.yaml": "title: T", "files/2/a.csv": b"1", "__MACOSX/x": "y"})
    assert unpack(io.BytesIO(data), target) == [
        "counting-by-hand/course.yaml",
        "counting-by-hand/files/2/a.csv",
        "counting-by-hand/__MACOSX/x",
    ]
    assert (target / "counting-by-hand/files/2/a.csv").read_bytes() == b"1"


def test_what_a_mac_puts_in_beside_is_passed_over(target: Path) -> None:
    assert unpack(io.BytesIO(zipped({"__MACOSX/._x": "y", "a/course.yaml": "z"}, folder="")), target) == [
        "a/course.yaml"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt", "a/../../evil.txt", "/etc/evil", "C:/evil", "c:evil", "\\\\host\\share", "a\\..\\b", "a//b",
        "./a", "a/./b", "..", "/",
    ],
)  # fmt: skip
def test_path_that_leads_out_is_refused(name: str, target: Path) -> None:
    ((place, reason),) = refused(raw((name, b"x")), target)
    assert place == printable(name)
    assert reason.startswith("its path must lead down")
    assert not list(target.iterdir())


@pytest.mark.parametrize(
    "name", ["a\x1bb", "a\u202etxt.exe", "a\u200bb", "a\u2028b", "a\u2066b", "a\nb", "a\x7fb", "a\ufeffb"]
)
def test_name_with_signs_that_cannot_be_seen_is_refused(name: str, target: Path) -> None:
    ((place, reason),) = refused(raw((name, b"x")), target)
    assert reason == "its name holds signs that cannot be seen"
    assert place.isprintable()


def test_name_that_is_cut_at_a_nul_is_refused(target: Path) -> None:
    data = raw(("harmless.txtXevil", b"x")).replace(b"harmless.txtXevil", b"harmless.txt\0evil")
    ((place, reason),) = refused(data, target)
    assert (place, reason) == ("harmless.txt\\x00evil", "its name holds signs that cannot be seen")


@pytest.mark.parametrize("name", [" a", "a ", "a.", "b /a", "x" * 241, "a/b/c/d/e/f"])
def test_odd_name_is_refused(name: str, target: Path) -> None:
    assert len(refused(raw((name, b"x")), target)) == 1


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFDIR]
)
def test_link_or_device_is_refused(kind: int, target: Path) -> None:
    ((place, reason),) = refused(with_mode("passwd", kind | 0o777, b"/etc/passwd"), target)
    assert (place, reason) == ("passwd", "it is no plain file: links and devices are not taken")


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("a/B.md", "a/b.md", "another entry has the same name"),
        ("a/b.md", "a/b.md", "another entry has the same name"),
        ("a/straße", "a/STRASSE", "another entry has the same name"),
        ("a/é", "a/e\u0301", "another entry has the same name"),
        ("a/b", "A/B/c", "a file and a folder have the same name"),
        ("a/b/c", "a/b", "a file and a folder have the same name"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_same_name_twice_is_refused(first: str, second: str, reason: str, target: Path) -> None:
    ((_place, given),) = refused(raw((first, b"1"), (second, b"2")), target)
    assert given == reason


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2000])
def test_encrypted_entry_is_refused(flag: int, target: Path) -> None:
    data = bytearray(raw(("secret.md", b"x" * 30)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data[at : at + 2] = struct.pack("<H", flag)
    assert refused(bytes(data), target) == [("secret.md", "it is encrypted")]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packing_is_refused(method: int, target: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.md", "x" * 100)
    assert refused(out.getvalue(), target) == [("a.md", "it is packed in a way that is not read here")]


def test_damaged_entry_is_refused(target: Path) -> None:
    data = raw(("course.yaml", b"title: " + bytes(range(32, 127)) * 3))
    at = data.index(b"course.yaml") + 40
    broken = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
    assert refused(broken, target) == [("course.yaml", "it is damaged")]


@pytest.mark.parametrize("cut", [0, 1, 3, 21, 30])
def test_archive_that_ends_too_soon_is_refused(cut: int, target: Path) -> None:
    data = zipped({"course.yaml": "title: T"})
    assert refused(data[: cut * len(data) // 40], target)[0][0] == ""


@pytest.mark.parametrize("data", [b"", b"PK", b"hello" * 100, b"PK\x05\x06", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive_is_refused(data: bytes, target: Path) -> None:
    assert len(refused(data, target)) == 1


def test_bomb_is_refused_by_what_it_says(target: Path) -> None:
    assert refused(raw(("zeros.csv", bytes(20_000_000))), target) == [
        ("zeros.csv", "it unpacks to far more than it is")
    ]
    assert not list(target.iterdir())


def test_bomb_that_lies_about_its_size_is_refused_by_what_it_does(target: Path) -> None:
    """The list says a thousand bytes, the stream holds millions: reading ends where the budget does."""
    honest = raw(("zeros.csv", bytes(20_000_000)))
    lying = honest.replace(struct.pack("<I", 20_000_000), struct.pack("<I", 1000))
    assert lying != honest
    ((place, _reason),) = refused(lying, target)
    assert place == "zeros.csv"
    assert sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) < 2_000_000


def test_archive_that_is_too_large_in_sum_is_refused(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_reading, "MOST_UNPACKED", 1000)
    files = {f"{number}.txt": bytes(range(200)) for number in range(6)}
    assert refused(zipped(files), target) == [("", "The archive unpacks to far more than it is.")]
    monkeypatch.setattr(zip_reading, "_too_packed", lambda infos: [])
    ((place, _reason),) = refused(zipped(files), target)
    assert place == "counting-by-hand/5.txt", "the files themselves are counted too"


def test_upload_that_is_too_large_is_refused_unread(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_reading, "LARGEST_ARCHIVE", 100)
    assert refused(zipped({"a": bytes(range(200))}), target) == [
        ("", "The archive must be smaller than 1 GB.")
    ]


def test_entries_that_share_their_data_are_refused(target: Path) -> None:
    """The flat bomb: many entries of the list point at the same packed bytes."""
    data = bytearray(raw(("a.txt", bytes(range(256)) * 40), ("b.txt", b"b")))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    assert len(refused(bytes(data), target)) == 1


def test_archive_in_the_archive_stays_packed(target: Path) -> None:
    inner = raw(("zeros.csv", bytes(100_000)))
    assert unpack(io.BytesIO(zipped({"files/inner.zip": inner})), target) == [
        "counting-by-hand/files/inner.zip"
    ]
    assert (target / "counting-by-hand/files/inner.zip").read_bytes() == inner


def test_too_many_entries_are_refused_before_their_list_is_read(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **kwargs: object) -> None:
        pytest.fail("the list of entries was read")

    data = raw(*((f"{number}.md", b"") for number in range(zip_reading.MOST_ENTRIES + 1)))
    monkeypatch.setattr(zip_reading.zipfile, "ZipFile", never)
    assert refused(data, target) == [("", "The archive holds too many files (at most 5000).")]


def test_end_that_lies_about_the_number_of_entries_does_not_help(target: Path) -> None:
    data = bytearray(raw(*((f"{number}.md", b"") for number in range(zip_reading.MOST_ENTRIES + 1))))
    end = data.rindex(b"PK\x05\x06")
    data[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    assert refused(bytes(data), target) == [("", "The archive holds too many files (at most 5000).")]


def test_zip64_is_refused(target: Path) -> None:
    data = zipped({"course.yaml": "title: T"})
    end = data.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, 0, 1)
    assert "ZIP64" in refused(data[:end] + locator + data[end:], target)[0][1]


def test_all_faults_are_named_up_to_a_limit(target: Path) -> None:
    data = raw(*((f"../{number}", b"") for number in range(300)))
    problems = refused(data, target)
    assert len(problems) == zip_reading.MOST_PROBLEMS
    assert problems[1][0] == "../1"


@pytest.mark.parametrize("flip", [lambda data, at: data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]])
def test_no_changed_byte_gets_a_file_out_or_breaks_the_reader(
    flip: Callable[[bytes, int], bytes], tmp_path: Path
) -> None:
    """Every byte of a small archive changed in turn: it is read, or refused in words, and stays in its folder."""
    data = raw(("a/course.yaml", b"title: T"), ("a/b.md", b"text"))
    for at in range(len(data)):
        target = tmp_path / str(at) / "in"
        target.mkdir(parents=True)
        with contextlib.suppress(ZipError):
            unpack(io.BytesIO(flip(data, at)), target)
        assert list(target.parent.iterdir()) == [target]
