"""An upgrade begins with a backup, so that there is a way back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from training_app import schema
from training_app.backup import back_up
from training_app.config import Settings
from training_app.control import site_lock
from training_app.db import Database
from training_app.errors import Refused

KEPT: Final = 3
"""Backups of upgrades that stay; of a fourth one the oldest goes, once that upgrade went well."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the backup goes. passphrase: seals the keys; None leaves them out."""

    folder: Path
    passphrase: str | None


def bring_forward(
    database: Database, settings: Settings, keeping: Keeping, now: datetime, *, say: Callable[[str], object]
) -> None:
    """The database at this version, and the site as it was before in a backup.

    Refused, with nothing changed, when there is no backup, or when the database is older and the site runs.
    """
    if not schema.is_older(database):
        _keep(settings, keeping, now, say)
        return
    with site_lock(settings.data_dir) as ours:
        if not ours:
            raise Refused("The site is running. Stop it, then type `training-app upgrade` again.")
        _keep(settings, keeping, now, say)
        schema.migrate(database)
        say(f"The database stands at {schema.newest_revision()}.")


def forget_old(keeping: Keeping) -> None:
    """Only the backups of the last upgrades are left; what else lies in the folder stays."""
    for old in sorted(keeping.folder.glob("before-upgrade-*.tar.gz"))[:-KEPT]:
        old.unlink()


def _keep(settings: Settings, keeping: Keeping, now: datetime, say: Callable[[str], object]) -> None:
    kept = keeping.folder / f"before-upgrade-{now:%Y%m%dT%H%M%S%fZ}.tar.gz"
    try:
        back_up(settings, kept, now, passphrase=keeping.passphrase)
    except (Refused, OSError) as fault:
        raise Refused(f"There is no backup, so nothing was upgraded: {fault}") from fault
    say(f"The site as it was: {kept}")
    say(_way_back(settings, kept, with_keys=keeping.passphrase is not None))


def _way_back(settings: Settings, kept: Path, *, with_keys: bool) -> str:
    restore = "training-app restore" if with_keys else "training-app restore --without-keys"
    moved = "" if with_keys else f", and copy keys, secret-key and tls from the old {settings.data_dir}"
    return (
        f"The way back: move {settings.data_dir} aside, empty the database, install the older program, "
        f"type `{restore} {kept.name}` where that file is then{moved}."
    )
