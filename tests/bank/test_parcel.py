"""Zip files of authors: what is read of them, and that hostile ones end as a sentence and write nothing elsewhere."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from training_app.bank.parcel import MAX_ENTRIES, Parcel, read_parcel

TEMPLATE = ROOT / "docs" / "bank-template"
ITEMS = (TEMPLATE / "items" / "my-items.yaml").read_bytes()


def packed(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file with these entries."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def template(top: str = "") -> bytes:
    """The folder of the documentation as an author packs it."""
    files = [path for path in TEMPLATE.rglob("*") if path.is_file()]
    return packed({f"{top}{path.relative_to(TEMPLATE).as_posix()}": path.read_bytes() for path in files})


def read(content: bytes) -> Parcel:
    return read_parcel(content, frozenset())


def complaints(parcel: Parcel) -> str:
    return " | ".join(str(fault) for fault in parcel.faults if fault.severity == "E")


def with_entry(name: str, content: bytes = b"x", mode: int = stat.S_IFREG | 0o644) -> bytes:
    """A sound folder with one more entry of that name and mode."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    written = io.BytesIO(packed({"items/my-items.yaml": ITEMS}))
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr(entry, content)
    return written.getvalue()


@pytest.mark.parametrize("top", ["", "content/", "我的题/"], ids=["bare", "in a folder", "in one named in Chinese"])
def test_the_folder_is_read_bare_or_packed_as_a_folder(top: str) -> None:
    parcel = read(template(top))
    assert complaints(parcel) == "" and parcel.content is not None
    assert "MY-001" in {item.id for item in parcel.content.bank.all_items()}
    assert parcel.content.files["MY-001"] == "items/my-items.yaml"


def test_files_that_are_no_content_are_left_out_and_named() -> None:
    parcel = read(packed({"items/my-items.yaml": ITEMS, "__MACOSX/items/._my-items.yaml": b"\0", "notes.docx": b"PK"}))
    assert complaints(parcel) == "" and set(parcel.ignored) == {"__MACOSX/items/._my-items.yaml", "notes.docx"}


@pytest.mark.parametrize(
    "name",
    [
        "../outside.yaml",
        "items/../../outside.yaml",
        "/etc/outside.yaml",
        "items/../../../../../../tmp/outside.yaml",
        "C:/outside.yaml",
        "items\\..\\..\\outside.yaml",
    ],
)
def test_an_entry_that_leads_out_of_the_folder_refuses_the_whole_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # writing replaces backslashes by slashes only where that is the system's own sign
    parcel = read(with_entry(name))
    assert parcel.content is None and "leads out of the folder" in complaints(parcel)
    assert list(tmp_path.rglob("*outside*")) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR], ids=["link", "pipe", "device"])
def test_a_link_or_device_refuses_the_whole_file(kind: int) -> None:
    parcel = read(with_entry("items/link.yaml", b"/etc/passwd", kind | 0o777))
    assert parcel.content is None and "is a link or a device" in complaints(parcel)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"schema: 1\n", b"\0" * 5000])
def test_what_is_no_zip_file_is_told(content: bytes) -> None:
    parcel = read(content)
    assert parcel.content is None and "is no zip file" in complaints(parcel)


def test_a_zip_file_that_breaks_off_is_told() -> None:
    assert "is no zip file, or a damaged one" in complaints(read(template()[:-40]))


def test_a_zip_file_whose_content_was_changed_is_told() -> None:
    whole = bytearray(packed({"items/my-items.yaml": ITEMS}, zipfile.ZIP_STORED))
    whole[len(whole) // 2] ^= 1
    assert "damaged" in complaints(read(bytes(whole)))


def test_ten_thousand_files_are_too_many() -> None:
    parcel = read(packed({f"items/{number}.yaml": b"" for number in range(10_000)}, zipfile.ZIP_STORED))
    assert f"at most {MAX_ENTRIES}" in complaints(parcel)


def test_one_file_that_unpacks_to_very_much_is_refused() -> None:
    parcel = read(packed({"items/bomb.yaml": b" " * 100_000_000}))
    assert "unpacks to more than 30 MB" in complaints(parcel)


def test_many_files_that_unpack_to_very_much_are_refused() -> None:
    parcel = read(packed({f"items/{number}.yaml": b"a" * 1_900_000 for number in range(20)}))
    assert "unpacks to more than 30 MB" in complaints(parcel)


def test_a_size_that_lies_is_not_believed() -> None:
    honest = packed({"items/bomb.yaml": b"a" * 5_000_000})
    place = honest.rindex(b"PK\x01\x02") + 24
    lying = honest[:place] + struct.pack("<I", 100) + honest[place + 4 :]
    parcel = read(lying)
    assert parcel.content is None and complaints(parcel)


def test_a_password_is_not_guessed() -> None:
    whole = bytearray(packed({"items/my-items.yaml": ITEMS}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + offset] |= 1
    assert "is encrypted" in complaints(read(bytes(whole)))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(compression: int) -> None:
    assert "in a way that is not read" in complaints(read(packed({"items/my-items.yaml": ITEMS}, compression)))


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = with_entry("items/my-items.yaml", ITEMS)
    assert "two files of one name" in complaints(read(twice))


def test_a_content_file_that_lies_too_deep_is_told() -> None:
    assert "lies too deep" in complaints(read(packed({"items/a/my-items.yaml": ITEMS, "items/b.yaml": ITEMS})))


def test_a_blueprint_is_left_to_the_operator() -> None:
    parcel = read(template())
    assert parcel.content is not None and parcel.content.blueprints == ()
    assert "blueprints/my-blueprint.yaml" in parcel.ignored


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (ITEMS.decode().encode("gb18030"), "is not UTF-8"),
        (ITEMS.decode().encode("utf-16"), "is not UTF-8"),
        (b"schema: 1\nitems: &a [*a]\n", "anchors"),
        (b"schema: 1\nitems: !!python/object:os.system {}\n", "tags such as"),
        (b"[" * 5000, "nested deeper|is not YAML"),
        (b"schema: 1\n", "a list with at least one entry"),
        (b"", "schema|is not YAML|expected"),
    ],
    ids=["gb18030", "utf-16", "alias", "tag", "deep", "no items", "empty"],
)
def test_a_file_that_is_no_content_is_told_with_its_place(content: bytes, sentence: str) -> None:
    parcel = read(packed({"items/odd.yaml": content}))
    assert parcel.content is None and "items/odd.yaml" in complaints(parcel)
    assert any(part in complaints(parcel) for part in sentence.split("|")), complaints(parcel)


def test_a_fault_of_an_item_is_told_beside_sound_ones() -> None:
    parcel = read(packed({"items/my-items.yaml": ITEMS.replace(b"90000 / 10 = 9000", b"90000 / 10 = 9001")}))
    assert parcel.content is not None and "MY-001 working" in complaints(parcel)


def test_a_fault_does_not_tell_where_the_server_unpacked_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert str(tmp_path) not in complaints(read(packed({"other/readme.txt": b"nothing"})))
