"""A copy of the database before it is changed."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine.url import make_url

from training_app.config import Settings
from training_app.errors import Refused


def copy_aside(settings: Settings, now: datetime) -> Path:
    """A whole and consistent copy in DATA_DIR/copies: a SQLite file, or a dump made by pg_dump (custom format)."""
    folder = settings.data_dir / "copies"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = make_url(settings.database_url)
    if settings.on_sqlite:
        target = folder / f"{now:%Y%m%dT%H%M%S.%fZ}.sqlite"
        with closing(sqlite3.connect(str(url.database))) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
        return target
    tool = shutil.which("pg_dump")
    if tool is None:
        raise Refused("pg_dump is not installed, so the database cannot be copied aside. Install postgresql-client.")
    target = folder / f"{now:%Y%m%dT%H%M%S.%fZ}.dump"
    # arguments of a process can be read by everyone on the machine, its environment cannot
    plain = url._replace(drivername="postgresql", password=None).render_as_string()
    environ = {**os.environ, "PGPASSWORD": str(url.password)} if url.password else dict(os.environ)
    done = subprocess.run(  # noqa: S603 - no shell, our own arguments
        [tool, "--format=custom", f"--file={target}", f"--dbname={plain}"],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    if done.returncode:
        target.unlink(missing_ok=True)
        said = (done.stderr.strip() or f"it ended with {done.returncode}").splitlines()[-1]
        raise Refused(f"pg_dump failed, so nothing was changed: {said}")
    return target
