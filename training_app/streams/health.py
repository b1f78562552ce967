"""The part of `/healthz` that tells of the media process."""

from training_app.streams import control
from training_app.streams.control import MediaAway
from training_app.web.requests import settings

AWAY = "The media process does not answer: nothing is streamed, everything else goes on."


def media_health() -> dict[str, object]:
    """`state` "up", "low" while it does not answer, or "off"; never "down", since examinations do without it."""
    if not settings().media:
        return {"state": "off"}
    try:
        found = control.health(settings())
    except MediaAway:
        return {"state": "low", "why": AWAY}
    shown = ("started_at", "sessions", "lag_ms", "cpu_percent", "gso", "disk", "events")
    return {"state": "up", **{name: found[name] for name in shown if name in found}}
