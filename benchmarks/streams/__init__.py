"""The media process under measurement: viewers a core beside Janus, joins, delays, and what keeping a stream costs."""

from collections.abc import Iterator

from benchmarks.measuring import Figure
from benchmarks.streams.content import content
from benchmarks.streams.delays import delays
from benchmarks.streams.fanout import capacity, in_turns
from benchmarks.streams.joins import joins
from benchmarks.streams.segmenting import segmenting


def figures(*, short: bool) -> Iterator[Figure]:
    """720p at 1.5 Mbit/s: five pairs of 150 viewers with Janus, 300 viewers, 100 who come at once."""
    if short:
        small = content(320, 180, 200_000, 2)
        yield from capacity(small, 4, 1.0)
        yield from joins(small, 4, 1)
        yield from segmenting(small, 4)
        return
    what = content()
    yield from in_turns(what, 150, 5)
    yield from capacity(what, 300)
    yield from joins(what, 100)
    yield from segmenting(what, 64)
    yield from delays()
