"""The command `training-app`."""

import os
import sys
from pathlib import Path
from typing import NoReturn, TextIO

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from question_bank.checks.__main__ import main as check_content
from question_bank.errors import ContentRefused
from training_app import clock, schema
from training_app.acts import ACTS
from training_app.app import invariants
from training_app.backup import back_up
from training_app.config import BadSetting, Settings, make_data_dir
from training_app.control import Order, SiteBusy, carry_out
from training_app.db import Database, reason_of
from training_app.errors import Refused
from training_app.installation import require_site
from training_app.kit import copy_bank_template, write_kit
from training_app.processes import configure_logging
from training_app.registry import Finding, Invariant
from training_app.rehearsing import rehearse
from training_app.restoring import restore as restore_backup
from training_app.serve import serve as serve_site
from training_app.serve import web as serve_web
from training_app.serve import worker as serve_worker
from training_app.signing import Keys
from training_app.streams.front import link_line
from training_app.tls import certify
from training_app.upgrading import Keeping, bring_forward, forget_old

EXIT_FINDINGS = 2


def fail(message: object, status: int = 1) -> NoReturn:
    """The program ends with a sentence on standard error."""
    click.echo(str(message), err=True)
    raise SystemExit(status)


def main() -> None:
    """The program: every refusal is a sentence, never a trace."""
    try:
        commands(prog_name="training-app")
    except (Refused, BadSetting, SiteBusy) as refusal:
        fail(refusal)
    except DBAPIError as error:
        fail(f"The database does not answer as it should: {reason_of(error)}")
    except OSError as error:
        fail(f"{error.strerror}: {error.filename}" if error.filename else error)
    except ContentRefused as refusal:
        fail(f"{refusal}\n{len(refusal.faults)} faults. Nothing was loaded.")


def _order(act: str, **arguments: str) -> NoReturn:
    settings = Settings.from_environ()
    raise SystemExit(carry_out(settings, ACTS, Order(act, arguments), click.echo))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Training and examination of AEO certified personnel. Settings come from the environment: see the README."""


@commands.command()
def serve() -> None:
    """Start the site and keep it running until SIGTERM or Ctrl-C."""
    settings = Settings.from_environ()
    configure_logging(settings.log_level)
    raise SystemExit(serve_site(settings, click.echo))


@commands.command(hidden=True)
def web() -> None:
    """Run the web process; `serve` starts it."""
    serve_web(Settings.from_environ())


@commands.command(hidden=True)
def worker() -> None:
    """Run the worker; on PostgreSQL `serve` starts it."""
    settings = Settings.from_environ()
    configure_logging(settings.log_level)
    raise SystemExit(serve_worker(settings))


@commands.command()
@click.option("--username", prompt="Sign-in name of the first administrator")
@click.option("--name-zh", prompt="Name in Chinese")
@click.option("--name-en", prompt="Name in Latin letters")
def init(username: str, name_zh: str, name_en: str) -> None:
    """Make a real site of an empty database; tells a one-time code for the first administrator."""
    _order("init", username=username, name_zh=name_zh, name_en=name_en)


@commands.command()
def demo() -> None:
    """Make a demonstration of an empty database; it stays one for ever."""
    _order("demo")


@commands.command("reset-admin")
@click.option("--username", default="", help="Which programme administrator; the first one when left out.")
def reset_admin(username: str) -> None:
    """Give a programme administrator who cannot sign in a one-time code."""
    _order("reset-admin", username=username)


@commands.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--passphrase-file", type=click.File("r", encoding="utf-8"), help="First line: what seals the keys.")
def upgrade(folder: Path | None, passphrase_file: TextIO | None) -> None:
    """Back the site up into FOLDER, bring it to this version and load the content that ships with it.

    FOLDER is DATA_DIR/backups when it is left out; the backups of the last three upgrades stay there. Without
    --passphrase-file or BACKUP_PASSPHRASE the backup has no keys: they stay in DATA_DIR, which nobody changes.
    """
    settings = Settings.from_environ()
    given = passphrase_file is not None or "BACKUP_PASSPHRASE" in os.environ
    passphrase = _passphrase(passphrase_file, confirm=False) if given else None
    keeping = Keeping((folder or settings.data_dir / "backups").absolute(), passphrase)
    database = Database(settings.database_url)
    try:
        if not schema.is_older(database):
            require_site(database)
        bring_forward(database, settings, keeping, clock.now(), say=click.echo)
        require_site(database)
    finally:
        database.dispose()
    status = carry_out(settings, ACTS, Order("load-shipped", {}), click.echo)
    if not status:
        forget_old(keeping)
    raise SystemExit(status)


@commands.command()
@click.option("--host", "hosts", multiple=True, required=True, help="Name or address of the site; may be repeated.")
def cert(hosts: tuple[str, ...]) -> None:
    """Make a certificate for HOST by a private authority of this site, in DATA_DIR/tls."""
    settings = Settings.from_environ()
    make_data_dir(settings.data_dir)
    chain, key, authority = certify(settings.data_dir / "tls", hosts, clock.now())
    click.echo(f"TLS_CERT={chain}\nTLS_KEY={key}")
    click.echo(f"Browsers must trust this authority once: {authority}")


@commands.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--host", required=True, help="Name by which people reach the site.")
def kit(folder: Path, host: str) -> None:
    """Write the files that a server of the site needs into FOLDER: service, nightly work, nginx."""
    for path in write_kit(folder, host):
        click.echo(path)


@commands.command()
def link_secret() -> None:
    """Print the line by which nginx knows the addresses of segments that the media process signed."""
    settings = Settings.from_environ()
    make_data_dir(settings.data_dir)
    click.echo(link_line(settings.data_dir))


@commands.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--passphrase-file", type=click.File("r", encoding="utf-8"), help="First line: what seals the keys.")
@click.option("--without-keys", is_flag=True, help="Leave the keys out.")
@click.option("--recordings", is_flag=True, help="Take the recordings of streams along, a gigabyte or so an hour.")
def backup(file: Path | None, passphrase_file: TextIO | None, *, without_keys: bool, recordings: bool) -> None:
    """Write the whole site into FILE while it runs: database, files and, sealed by a passphrase, the keys.

    The passphrase comes from --passphrase-file, else from BACKUP_PASSPHRASE, else it is asked for. FILE may be a
    folder, DATA_DIR/backups when it is left out: the backup is TIME.tar.gz in it.
    """
    settings = Settings.from_environ()
    now = clock.now()
    target = file or settings.data_dir / "backups"
    if file is None or target.is_dir():
        target /= f"{now:%Y%m%dT%H%M%SZ}.tar.gz"
    passphrase = None if without_keys else _passphrase(passphrase_file, confirm=True)
    back_up(settings, target, now, passphrase=passphrase, recordings=recordings)
    click.echo(f"The site as it is now: {target} ({target.stat().st_size:,} bytes)")
    if without_keys:
        click.echo("Without the keys: keep DATA_DIR/keys and DATA_DIR/secret-key elsewhere, or signatures end here.")


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--passphrase-file", type=click.File("r", encoding="utf-8"), help="First line: what opens the keys.")
@click.option("--without-keys", is_flag=True, help="Restore without the keys.")
def restore(file: Path, passphrase_file: TextIO | None, *, without_keys: bool) -> None:
    """Bring a backup back into an empty DATA_DIR and an empty database."""
    settings = Settings.from_environ()
    passphrase = None if without_keys else _passphrase(passphrase_file, confirm=False)
    manifest = restore_backup(settings, file, passphrase=passphrase)
    click.echo(f"The site as it was at {manifest.made_at}. Type `training-app check` before anybody uses it.")
    if not manifest.keys or without_keys:
        click.echo("No keys were restored: everybody signs in anew, and receipts from before cannot be checked here.")
    if manifest.revision != schema.newest_revision():
        click.echo("The backup is older than this program. Type `training-app upgrade`.")


def _passphrase(file: TextIO | None, *, confirm: bool) -> str:
    if file is not None:
        return file.readline().rstrip("\r\n")
    found = os.environ.get("BACKUP_PASSPHRASE")
    if found is None and not sys.stdin.isatty():
        fail("The keys need a passphrase: set BACKUP_PASSPHRASE, give --passphrase-file, or choose --without-keys.")
    return found if found is not None else str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm))


@commands.command()
def check() -> None:
    """Look for what must not be in the records; exit status 2 when something is found."""
    settings = Settings.from_environ()
    database = Database(settings.database_url, keys=Keys(settings.data_dir / "keys"))
    try:
        require_site(database)
        found = 0
        with database.read() as session:
            for name, invariant in invariants().items():
                findings = _findings(session, name, invariant)
                found += len(findings)
                click.echo(f"{name}: {'ok' if not findings else f'{len(findings)} findings'}")
                for finding in findings:
                    click.echo(f"  {finding.place}: {finding.message}")
    finally:
        database.dispose()
    raise SystemExit(EXIT_FINDINGS if found else 0)


def _findings(session: Session, name: str, invariant: Invariant) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings.extend(invariant(session))
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - records that cannot even be read are a finding
        findings.append(Finding(name, "after these", f"the records cannot be read: {type(error).__name__} {error}"))
    return findings


commands.add_command(rehearse)


@commands.group()
def bank() -> None:
    """The item bank."""


@bank.command("template")
@click.argument("folder", type=click.Path(path_type=Path))
def bank_template(folder: Path) -> None:
    """Write a small bank into FOLDER: one item of each kind, a case, a blueprint."""
    copy_bank_template(folder)
    click.echo(f"Change the files in {folder}, then type: training-app bank check {folder}")


@bank.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--author", default="", help="Sign-in name of who wrote the items; this person may not confirm them.")
@click.option("--loaded-by", default="", help="Sign-in name of who loads them; nor may this person.")
def bank_load(folder: Path, author: str, loaded_by: str) -> None:
    """Load a base's own items from FOLDER, all of them or nothing."""
    _order("bank-load", folder=str(folder.resolve()), author=author, loaded_by=loaded_by)


@bank.command("check")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def bank_check(folder: Path | None) -> None:
    """Check FOLDER, or the shipped bank, and print its coverage."""
    raise SystemExit(check_content([str(folder)] if folder else [], sys.stdout))
