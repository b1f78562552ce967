"""The catalog of the pages: English stands in the source, Chinese in training_app/translations.

`make messages` runs this file: it collects every visible string, keeps the translations there are, and compiles them.
With names of JSON files ({"English": "中文"}) it takes their translations for strings that have none. It ends with the
strings that still have none.
"""

import io
import json
import re
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "training_app" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
HEADER = "# Chinese of the pages of PROJECT. Written by `make messages`; only the lines msgstr are edited by hand."
UNCHANGING = datetime(2026, 1, 1, tzinfo=UTC)
"""In place of the moment of writing, so that the file changes only when a string does."""


def collected() -> Catalog:
    """Every visible string of the source, without translations, in the order of the alphabet."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    catalog = _empty()
    for _file, _line, message, _comments, context in extract_from_dir(str(ROOT), methods, keywords=KEYWORDS):
        catalog.add(message, context=context)
    return catalog


def translated() -> Catalog:
    """The catalog as it stands in the repository."""
    if not PO.exists():
        return _empty()
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN")


def merged(source: Catalog, translations: dict[object, object]) -> Catalog:
    """The strings of `source` with the translations there are."""
    for message in messages_of(source):
        message.string = translations.get(message.id, message.string)
    return source


def messages_of(catalog: Catalog) -> list[Message]:
    """The messages of a catalog without its header."""
    return [message for message in catalog if message.id]


def translations_of(catalog: Catalog) -> dict[object, object]:
    """String -> translation, of those that have one; a string with a plural is a pair."""
    return {message.id: message.string for message in messages_of(catalog) if is_translated(message)}


def is_translated(message: Message) -> bool:
    """Whether every form of the message has a translation."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(forms)


def placeholders(text: object) -> set[str]:
    """The names in %(name)s and {name} of a string, or of all forms of one with a plural."""
    forms = text if isinstance(text, tuple | list) else (text,)
    return {name for form in forms for name in re.findall(r"%\(\w+\)[sd]|\{\w+\}|%%", str(form))}


def as_po(catalog: Catalog) -> bytes:
    """The catalog as the text of messages.po."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, no_location=True, sort_output=True)
    return buffer.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """The catalog as the bytes of messages.mo."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def fresh() -> Catalog:
    """What the catalog should be: the strings of the source with the translations of the repository."""
    return merged(collected(), translations_of(translated()))


def _empty() -> Catalog:
    return Catalog(
        locale="zh_CN",
        project="aeo-training",
        version="1",
        msgid_bugs_address="the issues of the project",
        copyright_holder="contributors of aeo-training",
        header_comment=HEADER,
        fuzzy=False,
        creation_date=UNCHANGING,
        revision_date=UNCHANGING,
        last_translator="contributors of aeo-training",
        language_team="zh_CN",
    )


def _from_files(names: list[str]) -> dict[object, object]:
    found: dict[object, object] = {}
    for name in names:
        found.update(json.loads(Path(name).read_text(encoding="utf-8")))
    return found


def _with_plurals(source: Catalog, given: dict[object, object]) -> dict[object, object]:
    """Translations given by the singular alone serve strings with a plural: Chinese has one form."""
    plurals = [message.id for message in messages_of(source) if isinstance(message.id, tuple)]
    return given | {pair: (given[pair[0]],) for pair in plurals if pair[0] in given}


if __name__ == "__main__":
    source = collected()
    taken = _with_plurals(source, _from_files(sys.argv[1:]))
    catalog = merged(source, taken | translations_of(translated()))
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(as_po(catalog))
    MO.write_bytes(as_mo(catalog))
    missing = [message.id for message in messages_of(catalog) if not is_translated(message)]
    sys.stdout.write("".join(f"no Chinese yet: {one!r}\n" for one in missing))
