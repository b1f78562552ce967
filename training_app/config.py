"""Settings of an installation, read once from the environment."""

import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import ArgumentError

MINIMUM_SECRET_LENGTH = 32
HOST = re.compile(r"([a-zA-Z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(:[1-9][0-9]{0,4})?")
ORIGIN = re.compile(rf"https?://{HOST.pattern}")
PLAIN_HTTP = (
    "Over plain HTTP no browser of another computer opens an examination again without the network, and anybody on the "
    "way can read along. Give the site a certificate: docs/operate.md, steps 4 and 5."
)


class BadSetting(Exception):
    """A setting that cannot be used; the message names it and says what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator can set. Each field is the environment variable of the same name in capitals."""

    data_dir: Path
    database_url: str
    host: str | None
    port: int
    secret_key: str | None
    proxy_hops: int
    web_workers: int
    web_threads: int
    backlog: int
    backpressure: int
    session_hours: int
    appeal_days: int
    files_mb: int
    secure_cookies: bool
    tls_cert: Path | None
    tls_key: Path | None
    log_level: str
    media: bool
    media_port: int
    media_url: str | None
    media_addresses: tuple[str, ...]
    recording_reserve_gb: int

    @property
    def on_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Settings from `environ` (default: the process's own). Raises BadSetting with the name and what it takes."""
        source = os.environ if environ is None else environ
        data_dir = Path(source.get("DATA_DIR") or "var").resolve()
        url = source.get("DATABASE_URL") or f"sqlite:///{data_dir / 'site.sqlite'}"
        cert, key = _tls(source)
        port = _whole(source, "PORT", 8000, (1, 65535))
        return cls(
            data_dir=data_dir,
            database_url=_database_url(url),
            host=source.get("HOST") or None,
            port=port,
            secret_key=source.get("SECRET_KEY") or None,
            proxy_hops=_whole(source, "PROXY_HOPS", 0, (0, 5)),
            web_workers=_whole(source, "WEB_WORKERS", 0, (0, 64)),
            web_threads=_whole(source, "WEB_THREADS", 4, (1, 64)),
            backlog=_whole(source, "BACKLOG", 8192, (128, 65535)),
            backpressure=_whole(source, "BACKPRESSURE", 4096, (16, 65535)),
            session_hours=_whole(source, "SESSION_HOURS", 12, (1, 168)),
            appeal_days=_whole(source, "APPEAL_DAYS", 15, (1, 365)),
            files_mb=_whole(source, "FILES_MB", 2048, (1, 1_000_000)),
            secure_cookies=_yes_no(source, "SECURE_COOKIES", default="yes" if cert else "no"),
            tls_cert=cert,
            tls_key=key,
            log_level=_one_of(source, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            media=_yes_no(source, "MEDIA", default="yes"),
            media_port=_whole(source, "MEDIA_PORT", port + 1 if port < 65535 else port - 1, (1, 65535)),
            media_url=_origin(source, "MEDIA_URL"),
            media_addresses=_addresses(source, "MEDIA_ADDRESSES"),
            recording_reserve_gb=_whole(source, "RECORDING_RESERVE_GB", 5, (1, 100_000)),
        )

    def workers(self) -> int:
        """Web workers to start: one on SQLite, which has one writer; else as set, by default one a core."""
        if self.on_sqlite:
            return 1
        return self.web_workers or os.cpu_count() or 1

    @property
    def secure(self) -> bool:
        """Whether browsers take the site for secure: over HTTPS, by itself or by a proxy, or for one computer alone."""
        if self.proxy_hops:
            return self.secure_cookies
        return self.tls_cert is not None or (self.host or "").startswith("127.")

    @property
    def scheme(self) -> str:
        """How the site is reached without a proxy."""
        return "https" if self.tls_cert else "http"

    def media_origin(self, scheme: str, host: str) -> str | None:
        """Where a page finds the media process that was asked for at this scheme and host (with its port).

        As set (MEDIA_URL), else the same host at MEDIA_PORT. None without a media process, or for what is no host.
        """
        found = HOST.fullmatch(host)
        if not self.media or found is None:
            return None
        return self.media_url or f"{scheme}://{found[1]}:{self.media_port}"

    def listening_host(self, *, demonstration: bool) -> str:
        """The address to listen on: as set, else loopback for a demonstration and every interface for a real base."""
        return self.host or ("127.0.0.1" if demonstration else "0.0.0.0")  # noqa: S104 - the documented default


def secret_of(settings: Settings, *, demonstration: bool) -> str:
    """The secret of this installation: as set, else made on first use and kept in DATA_DIR/secret-key (mode 0600).

    Raises BadSetting when a real base has a weak one.
    """
    secret = settings.secret_key or _kept_secret(settings.data_dir / "secret-key")
    if not demonstration and (len(secret) < MINIMUM_SECRET_LENGTH or len(set(secret)) < 10):
        raise BadSetting(
            f"SECRET_KEY is weak: it takes at least {MINIMUM_SECRET_LENGTH} random characters. "
            "Leave it unset and one is made and kept in DATA_DIR/secret-key."
        )
    return secret


def make_data_dir(path: Path) -> None:
    """The folder is there; a new one is open to its owner alone, since it holds the secret and the records."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        _keep_new_secret(path)
    secret = path.read_text(encoding="ascii").strip()
    if not secret:
        raise BadSetting(f"{path} is empty: delete it and start again, or set SECRET_KEY.")
    return secret


def _keep_new_secret(path: Path) -> None:
    # written whole under another name (mode 0600), then linked: of two that start at once both read the first one's
    make_data_dir(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(name)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()


def _database_url(text: str) -> str:
    scheme, colon, rest = text.partition(":")
    if scheme in {"postgresql", "postgres"}:
        text = "postgresql+psycopg" + colon + rest
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    in_memory = url is not None and url.drivername == "sqlite" and (url.database or ":memory:") == ":memory:"
    if url is None or url.drivername not in {"sqlite", "postgresql+psycopg"} or in_memory:
        raise BadSetting("DATABASE_URL takes sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME.")
    return text


def _whole(source: Mapping[str, str], name: str, default: int, bounds: tuple[int, int]) -> int:
    text = source.get(name) or str(default)
    low, high = bounds
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not low <= int(text) <= high:
        raise BadSetting(f"{name} takes a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def _tls(source: Mapping[str, str]) -> tuple[Path | None, Path | None]:
    """Certificate chain and private key as files, both or none."""
    cert, key = (Path(source[name]).resolve() if source.get(name) else None for name in ("TLS_CERT", "TLS_KEY"))
    if (cert is None) != (key is None):
        raise BadSetting("TLS_CERT and TLS_KEY belong together: set both, or none to serve plain HTTP.")
    for name, path in (("TLS_CERT", cert), ("TLS_KEY", key)):
        if path is not None and not os.access(path, os.R_OK):
            raise BadSetting(f"{name} names {path}, which cannot be read.")
    return cert, key


def _yes_no(source: Mapping[str, str], name: str, *, default: str = "no") -> bool:
    text = (source.get(name) or default).lower()
    if text not in {"yes", "no", "1", "0", "true", "false"}:
        raise BadSetting(f"{name} takes yes or no, not {text!r}.")
    return text in {"yes", "1", "true"}


def _origin(source: Mapping[str, str], name: str) -> str | None:
    text = source.get(name) or None
    if text is not None and not ORIGIN.fullmatch(text):
        raise BadSetting(f"{name} takes an address like https://exam.base.example:8444, without a path, not {text!r}.")
    return text


def _addresses(source: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = [text.strip() for text in (source.get(name) or "").split(",") if text.strip()]
    try:
        return tuple(str(ipaddress.ip_address(text)) for text in found)
    except ValueError:
        raise BadSetting(f"{name} takes addresses with a comma between them, like 10.1.2.3,10.1.2.4.") from None


def _one_of(source: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    text = (source.get(name) or allowed[0]).upper()
    if text not in allowed:
        raise BadSetting(f"{name} takes one of {', '.join(allowed)}, not {text!r}.")
    return text
