"""Files that people send: whatever is in them, they are read or refused with a sentence, and nothing else happens."""

import io
import re
import unicodedata
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from question_bank.errors import ContentRefused
from question_bank.loading import LoadedContent, load_bank
from tests.fuzz.effort import tries
from tests.support.paths import ROOT
from training_app.bank.parcel import Parcel, read_parcel
from training_app.errors import Refused
from training_app.exams.setup.roster_lists import entries_of, text_of_file

TEMPLATE = ROOT / "docs" / "bank-template"
FILES = {path.relative_to(TEMPLATE).as_posix(): path.read_bytes() for path in sorted(TEMPLATE.rglob("*.yaml"))}
WILD = (
    *(b"~", b"[]", b"{}", b"!!python/object:os.system x", b"&a [*a, *a]", b"*a", b"'", b"\xff\xfe", b"\x00", b"1e999"),
    *(
        b".nan",
        b"2026-02-30",
        b"0x7f",
        b"- " * 400,
        b"{" * 400,
        "很长".encode() * 4000,
        b"<<: *a",
        b"? [a]",
        b"9" * 5000,
    ),
)
LINE = re.compile(rb"[^\n]*\n")

spoils = st.lists(
    st.tuples(
        st.sampled_from(["value", "line", "byte", "cut", "double"]), st.integers(0, 10_000), st.sampled_from(WILD)
    ),
    min_size=1,
    max_size=4,
)
"""How to spoil a content file, where, and with what."""


def spoiled(content: bytes, how: list[tuple[str, int, bytes]]) -> bytes:
    for kind, where, wild in how:
        lines = LINE.findall(content) or [b"\n"]
        number = where % len(lines)
        line, at = lines[number], where % (len(content) or 1)
        if kind == "value":
            lines[number] = line.split(b":")[0] + b": " + wild + b"\n"
        elif kind == "line":
            lines[number] = b""
        elif kind == "double":
            lines[number] = line * 2
        content = b"".join(lines)
        if kind == "byte":
            content = content[:at] + wild[:1] + content[at + 1 :]
        elif kind == "cut":
            content = content[:at]
    return content


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


@tries(30)
@given(name=st.sampled_from(sorted(FILES)), how=spoils)
def test_a_spoiled_folder_is_loaded_or_refused_with_its_faults(tmp_path: Path, name: str, how: list) -> None:
    folder = written(tmp_path, {**FILES, name: spoiled(FILES[name], how)})
    try:
        found: object = load_bank(folder)
    except ContentRefused as refused:
        found = refused.faults[0]
    assert isinstance(found, LoadedContent) or str(found)


@tries(15)
@given(name=st.sampled_from(sorted(FILES)), how=spoils)
def test_a_spoiled_folder_that_was_packed_gets_a_verdict(name: str, how: list) -> None:
    parcel = read_parcel(zipped({**FILES, name: spoiled(FILES[name], how)}), frozenset())
    assert isinstance(parcel, Parcel) and (parcel.content is not None or parcel.faults)


@tries(25)
@given(
    changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=12),
    cut=st.none() | st.integers(0, 1 << 20),
    back=st.booleans(),
)
def test_a_damaged_zip_gets_a_verdict(changes: list[tuple[int, int]], cut: int | None, *, back: bool) -> None:
    whole = bytearray(zipped(FILES))
    for where, value in changes:
        # what decides stands at the ends: the first header, and the list of entries
        whole[-1 - where % 400 if back else where % 400] = value
    parcel = read_parcel(bytes(whole[: cut % len(whole) if cut is not None else None]), frozenset())
    assert parcel.content is not None or parcel.faults


@tries(60)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_an_uploaded_list_is_read_or_refused(content: bytes) -> None:
    try:
        entries = entries_of(text_of_file(content))
    except Refused:
        entries = []
    assert all(entry and "Cc" not in {unicodedata.category(sign) for sign in entry} for _, entry in entries)
