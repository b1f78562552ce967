"""What travels between this process and its children: pickled, read-only mappings as well."""

import io
import pickle
from types import MappingProxyType
from typing import Any


class NotPicklable(Exception):
    """What a function returned or raised cannot travel; the message says what it was."""


def read_only(mapping: dict[object, object]) -> MappingProxyType[object, object]:
    """The mapping, to be read only."""
    return MappingProxyType(mapping)


class _Packer(pickle.Pickler):
    def reducer_override(self, thing: object) -> Any:
        """Read-only mappings as the mapping that they show; everything else as it is."""
        if isinstance(thing, MappingProxyType):
            return read_only, (dict(thing),)
        return NotImplemented


def packed(thing: object) -> bytes:
    """The bytes that `unpacked` reads."""
    written = io.BytesIO()
    _Packer(written).dump(thing)
    return written.getvalue()


def unpacked(parcel: bytes) -> Any:
    """The thing; only for parcels of our own processes."""
    return pickle.loads(parcel)  # noqa: S301 - written by our own parent or child
