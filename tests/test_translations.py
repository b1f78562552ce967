"""Every visible string has its Chinese, with the same placeholders, and the compiled catalog is the written one."""

from tests.support import messages


def test_the_catalog_holds_the_strings_of_the_source() -> None:
    assert messages.PO.read_bytes() == messages.as_po(messages.fresh()), "run: make messages"


def test_the_compiled_catalog_is_the_written_one() -> None:
    assert messages.MO.read_bytes() == messages.as_mo(messages.fresh()), "run: make messages"


def test_every_string_has_its_chinese() -> None:
    assert [one.id for one in messages.messages_of(messages.translated()) if not messages.is_translated(one)] == []


def test_no_translation_is_a_guess() -> None:
    assert [one.id for one in messages.messages_of(messages.translated()) if one.fuzzy] == []


def test_a_translation_keeps_the_placeholders() -> None:
    changed = [
        one.id
        for one in messages.messages_of(messages.translated())
        if messages.is_translated(one) and messages.placeholders(one.id) != messages.placeholders(one.string)
    ]
    assert changed == []
