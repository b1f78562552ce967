"""Every address that the site answers to, with something in the place of its arguments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

NOBODYS = {"scope": "A26", "code": "A26", "language": "en", "filename": "nothing.css"}
"""Words that stand in addresses; every number is one that nothing has, a choice is the first there is."""


@dataclass(frozen=True, slots=True)
class Call:
    """One method on one address."""

    endpoint: str
    method: str
    path: str
    arguments: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def calls(app: Flask, known: Mapping[str, object] | None = None) -> Iterator[Call]:
    """Everything that `app` answers to, in the order of its addresses. known: what to put for an argument."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        values = {name: _value(rule, name, known or {}) for name in rule.arguments} | dict(rule.defaults or {})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = adapter.build(rule.endpoint, values, method=method)
            yield Call(rule.endpoint, method, path, frozenset(rule.arguments))


def _value(rule: Rule, name: str, known: Mapping[str, object]) -> object:
    converter = rule._converters.get(name)
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    nobodys = 999_999 if isinstance(converter, IntegerConverter) else NOBODYS.get(name, "nothing")
    return known.get(name, nobodys)
