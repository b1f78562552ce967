"""HTTPS without anybody's help: a private authority, a certificate of it, a site that speaks TLS by itself."""

import http.client
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from tests.support.commands import command
from tests.support.databases import SqliteDatabases
from tests.support.demonstration import demonstration
from tests.support.processes import Server, free_port
from tests.support.site import Installation
from training_app.config import BadSetting, Settings
from training_app.tls import certify

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NAME = "exam.base.example"


def chain_of(folder: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((folder / "site.pem").read_bytes())


def test_the_certificate_is_good_for_its_host_under_the_authority(tmp_path: Path) -> None:
    certify(tmp_path, (NAME, "192.0.2.7"), NOW)
    certificate, authority = chain_of(tmp_path)
    builder = PolicyBuilder().store(Store([authority])).time(NOW + timedelta(days=300))
    assert builder.build_server_verifier(x509.DNSName(NAME)).verify(certificate, [])
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7"]


def test_a_new_certificate_needs_no_new_trust(tmp_path: Path) -> None:
    certify(tmp_path, (NAME,), NOW)
    first = chain_of(tmp_path)
    certify(tmp_path, (NAME,), NOW + timedelta(days=390))
    second = chain_of(tmp_path)
    assert first[0] != second[0] and first[1] == second[1]


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    certify(tmp_path / "tls", (NAME,), NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert modes == {"site.pem": 0o644, "authority.pem": 0o644, "site.key": 0o600, "authority.key": 0o600}


@pytest.mark.parametrize("host", ["", "-x", "a b", "x..y", "*.example", "a" * 64, "exam.example/"])
def test_what_names_no_host_is_refused(tmp_path: Path, host: str) -> None:
    ended = command(Installation(tmp_path / "var"), "cert", "--host", host)
    assert ended.status == 1 and "neither the name nor the address" in ended.complained


@pytest.mark.parametrize(
    ("names", "words"), [(("TLS_CERT",), "belong together"), (("TLS_CERT", "TLS_KEY"), "cannot be read")]
)
def test_half_a_setting_or_a_file_that_is_not_there_is_named(
    tmp_path: Path, names: tuple[str, ...], words: str
) -> None:
    with pytest.raises(BadSetting, match=words):
        Settings.from_environ({"DATA_DIR": str(tmp_path), **{name: str(tmp_path / "none") for name in names}})


def test_the_site_speaks_tls_by_itself(sqlite_databases: SqliteDatabases, tmp_path: Path) -> None:
    with demonstration(sqlite_databases, tmp_path / "var") as installation:
        folder = installation.data_dir / "tls"
        assert f"TLS_CERT={folder / 'site.pem'}" in command(installation, "cert", "--host", "localhost").said
        port, media_port = free_port(), free_port()
        paths = {"TLS_CERT": str(folder / "site.pem"), "TLS_KEY": str(folder / "site.key")}
        ports = {"PORT": str(port), "MEDIA_PORT": str(media_port)}
        environ = installation.environ(HOST="127.0.0.1", MEDIA="yes", **ports, **paths)
        server = Server([sys.executable, "-m", "training_app", "serve"], tmp_path / "serve.log", environ=environ)
        trust = ssl.create_default_context(cafile=str(folder / "authority.pem"))
        try:
            server.wait_until(lambda: answered(port, trust, "/healthz") is not None)
            answer = answered(port, trust, "/sign-in")
            server.wait_until(lambda: answered(media_port, trust, "/health") is not None)
        finally:
            server.stop()
    assert answer is not None and answer.getheader("Strict-Transport-Security")
    assert "Secure" in (answer.getheader("Set-Cookie") or "")


def answered(port: int, trust: ssl.SSLContext, path: str) -> http.client.HTTPResponse | None:
    """The answer over TLS to a client that trusts this authority alone; None while nobody answers."""
    connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=trust)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return None
    finally:
        connection.close()
    return answer
