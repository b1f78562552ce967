"""A content folder that came as a zip file, opened with care: read in a child process, never trusted.

Nothing is unpacked under a path that the file chose. What a hostile file can do is end this reading, no more.
Blueprints are left out: they decide about examinations, and the operator loads them by command.
"""

import stat
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

from question_bank.checks import check_bank
from question_bank.criteria_loading import load_criteria
from question_bank.errors import ContentFault, ContentRefused
from question_bank.loading import LoadedContent, load_bank
from question_bank.yaml_loading import MAX_FILE_BYTES

MAX_ENTRIES: Final = 2_000
MAX_TOTAL_BYTES: Final = 30_000_000
KINDS: Final = ("items", "cases")
NEVER_READ: Final = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
PACKED_AS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
NAME_IS_UTF8: Final = 0x800
IS_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a zip file held. content: None when it could not be read. ignored: files that are no content."""

    content: LoadedContent | None
    faults: tuple[ContentFault, ...]
    ignored: tuple[str, ...] = ()


class _Refused(Exception):
    """Why the whole file is not read, as a sentence, with the entry that it is about."""

    def __init__(self, message: str, entry: str = "") -> None:
        super().__init__(message)
        self.fault = ContentFault(_printable(entry) or "zip", "", "", "ZIP", message)


def read_parcel(packed: bytes, known_ids: frozenset[str]) -> Parcel:
    """The content of a zip file with the verdict of every check. Whatever is wrong is told as faults, never raised.

    known_ids: items of the bank that enemies and twins may name.
    """
    with tempfile.TemporaryDirectory(prefix="parcel") as name:
        folder = Path(name)
        try:
            ignored = _unpack(packed, folder)
        except _Refused as refusal:
            return Parcel(None, (refusal.fault,))
        try:
            content = load_bank(folder, known_ids)
        except ContentRefused as refused:
            return Parcel(None, tuple(_without_folder(fault, name) for fault in refused.faults), ignored)
    report = check_bank(content, load_criteria(), shipped=False)
    return Parcel(content, tuple(report.faults), ignored)


def _without_folder(fault: ContentFault, folder: str) -> ContentFault:
    """The fault without the name of our folder, which tells the author nothing."""
    file = "zip" if fault.file.startswith(folder) else fault.file
    message = fault.message.replace(folder, "the folder")
    return ContentFault(file, fault.item, fault.field, fault.code, message, fault.severity)


def _unpack(packed: bytes, folder: Path) -> tuple[str, ...]:
    """The content files stand in `folder`; gives the names that were left out. Raises _Refused."""
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            return _unpack_all(archive, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, OverflowError) as error:
        raise _Refused("is no zip file, or a damaged one; pack the folder again") from error


def _unpack_all(archive: zipfile.ZipFile, folder: Path) -> tuple[str, ...]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _Refused(f"holds {len(entries)} entries; at most {MAX_ENTRIES} are read")
    files = [entry for entry in entries if not entry.is_dir()]
    for entry in entries:
        _refuse_hostile(entry)
    if sum(entry.file_size for entry in files) > MAX_TOTAL_BYTES:
        raise _Refused(f"unpacks to more than {MAX_TOTAL_BYTES // 1_000_000} MB; split it")
    top = _common_top(files)
    ignored, seen, total = [], set(), 0
    for entry in files:
        path = PurePosixPath(entry.filename).relative_to(top)
        if not _is_content(path):
            ignored.append(_printable(str(path)))
            continue
        if str(path).casefold() in seen:
            raise _Refused("holds two files of one name", entry.filename)
        seen.add(str(path).casefold())
        total += _write_out(archive, entry, folder / path.parts[0] / path.parts[1])
        if total > MAX_TOTAL_BYTES:
            raise _Refused(f"unpacks to more than {MAX_TOTAL_BYTES // 1_000_000} MB; split it")
    return tuple(ignored[:100])


def _refuse_hostile(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "\0" in name:
        raise _Refused("leads out of the folder; names of entries are plain paths inside it", name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise _Refused("is a link or a device, not a file", name)
    if entry.flag_bits & IS_ENCRYPTED:
        raise _Refused("is encrypted; pack it without a password", name)
    if entry.compress_type not in PACKED_AS:
        raise _Refused("is packed in a way that is not read here; use an ordinary zip file", name)
    if not name.isascii() and not entry.flag_bits & NAME_IS_UTF8 and _is_yaml(name):
        raise _Refused("has a name that is not marked as UTF-8; name it in Latin letters", name)


def _is_yaml(name: str) -> bool:
    return name.casefold().endswith((".yaml", ".yml"))


def _common_top(files: list[zipfile.ZipInfo]) -> PurePosixPath:
    """The folder in which everything lies when the folder itself was packed, else the empty path."""
    tops = {
        PurePosixPath(entry.filename).parts[0]
        for entry in files
        if PurePosixPath(entry.filename).parts and PurePosixPath(entry.filename).parts[0] not in NEVER_READ
    }
    alone = len(tops) == 1 and not tops & {*KINDS, "blueprints"}
    named = next(iter(tops)) if alone else ""
    inside = all(PurePosixPath(entry.filename).parts[:1] == (named,) for entry in files)
    return PurePosixPath(named) if alone and inside else PurePosixPath()


def _is_content(path: PurePosixPath) -> bool:
    if not path.parts or path.parts[0] not in KINDS or path.name.startswith(".") or not _is_yaml(path.name):
        return False
    if len(path.parts) != 2:
        raise _Refused("lies too deep; content files lie right in items or cases", str(path))
    return True


def _write_out(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> int:
    """How many bytes the entry has, at most one more than a content file may: what it claims is not believed."""
    with archive.open(entry) as stream:
        content = stream.read(MAX_FILE_BYTES + 1)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(content)
    return len(content)


def _printable(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)[:120]
