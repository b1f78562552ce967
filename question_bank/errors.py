"""Faults of content and of responses, each a sentence that names its place."""

from dataclasses import dataclass

from question_bank.texts import Text


class BankError(Exception):
    """Anything the library refuses."""


@dataclass(frozen=True, slots=True)
class ContentFault:
    """One fault of a content file.

    file: path relative to the content folder. item: id of the item, case, blueprint or criterion ("" when the file
    itself is at fault). field: dotted path such as `options.B.reason.en`. code: check code such as `C01`, or
    `FORMAT` when the file cannot be read as what it claims to be. severity: "E" refuses, "W" is listed.
    """

    file: str
    item: str
    field: str
    code: str
    message: str
    severity: str = "E"

    def __str__(self) -> str:
        place = " ".join(part for part in (self.file, self.item, self.field) if part)
        return f"{self.severity} {self.code} {place}: {self.message}"


class ContentRefused(BankError):
    """A content folder that cannot be loaded; nothing of it is."""

    def __init__(self, faults: tuple[ContentFault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class RefusedResponse(BankError):
    """A response that cannot be read. said: the sentence in both languages; the exception's own text is the English."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.said = said


class UnknownOption(RefusedResponse):
    """A response names an option, element, premise or response that this version of the item does not have."""


class MalformedResponse(RefusedResponse):
    """A response has not the shape that the kind of its item asks for."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A cell of a blueprint that the pool cannot fill: `wanted`, of which only `found` can be had.

    cell: what is counted, in English. said: the whole sentence in both languages. together: the cell by itself could be
    filled, but not together with the others that are named.
    """

    cell: str
    wanted: int
    found: int
    said: Text
    together: bool = False


class CannotAssemble(BankError):
    """No form meets the blueprint from this pool; `shortages` name the cells that lack items.

    excluded: why items of the pool could not be drawn at all, and how many for each reason, most first. proved: false
    when the search ended before it had tried everything.
    """

    def __init__(
        self, shortages: tuple[Shortage, ...], excluded: tuple[tuple[Text, int], ...] = (), proved: bool = True
    ) -> None:
        super().__init__(" ".join(shortage.said.en for shortage in shortages))
        self.shortages = shortages
        self.excluded = excluded
        self.proved = proved

    def __reduce__(self) -> tuple[type["CannotAssemble"], tuple[object, ...]]:
        """So that it travels from a child process."""
        return CannotAssemble, (self.shortages, self.excluded, self.proved)
