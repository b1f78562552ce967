"""A text for people in both languages of the house."""

from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One text, said in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in `language`: "zh" or any tag that begins with it, else English."""
        return self.zh if language.startswith("zh") else self.en
