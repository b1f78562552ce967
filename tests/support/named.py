"""The site read by a name that is not this computer's own: over plain HTTP, and over HTTPS by its own authority."""

import base64
import hashlib
import http.client
import shutil
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Browser, Page

from tests.support.browser import ARGUMENTS, NAMED, Watch
from tests.support.databases import SqliteDatabases
from tests.support.demonstration import demonstration
from tests.support.processes import Server, free_port
from tests.support.site import Site


@dataclass(frozen=True, slots=True)
class NamedSite(Site):
    """A site that the browser reads by a name, as over the network of a base."""

    scheme: str = "http"

    @property
    def url(self) -> str:
        """The origin, without a slash at the end."""
        return f"{self.scheme}://{NAMED}:{self.port}"


@contextmanager
def secure_site(databases: SqliteDatabases, folder: Path) -> Iterator[NamedSite]:
    """The site over HTTPS, with a certificate of its own authority."""
    with demonstration(databases, folder / "var") as installation:
        installation.must_run("cert", "--host", NAMED, "--host", "127.0.0.1")
        tls, port = installation.data_dir / "tls", free_port()
        paths = {"TLS_CERT": str(tls / "site.pem"), "TLS_KEY": str(tls / "site.key")}
        environ = installation.environ(HOST="127.0.0.1", PORT=str(port), **paths)
        server = Server([sys.executable, "-m", "training_app", "serve"], folder / "serve.log", environ=environ)
        try:
            server.wait_until(answering(port, tls / "authority.pem"))
            yield NamedSite(installation, port, server, scheme="https")
        finally:
            server.stop()


def answering(port: int, authority: Path) -> Callable[[], bool]:
    """Whether somebody answers there over TLS, to a client that trusts this authority alone."""

    def is_there() -> bool:
        trust = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trust)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    return is_there


@contextmanager
def trusting(chromium: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    """A page of a browser that trusts the certificate of the site as if its authority had been installed."""
    certificate = site.installation.data_dir / "tls" / "site.pem"
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(der).digest()).decode("ascii")
    arguments = [*ARGUMENTS, f"--ignore-certificate-errors-spki-list={pin}"]
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=arguments)
    try:
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        watch.listen_to(context)
        yield context.new_page()
    finally:
        browser.close()
