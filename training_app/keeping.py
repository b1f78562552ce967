"""A copy of the database for a backup, and PostgreSQL's own tools."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine.url import make_url

from training_app.config import Settings
from training_app.errors import Refused


def copy_database(settings: Settings, target: Path) -> None:
    """The database as it is at one moment, in the file `target`, while others go on writing."""
    if settings.on_sqlite:
        source = make_url(settings.database_url).database
        with closing(sqlite3.connect(str(source))) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy)
        return
    try:
        run_tool(settings, "pg_dump", "--format=custom", f"--file={target}")
    except Refused:
        target.unlink(missing_ok=True)
        raise


def run_tool(settings: Settings, name: str, *arguments: str) -> None:
    """PostgreSQL's own tool is run on the database of the site. Refused with what it said when it fails."""
    tool = shutil.which(name)
    if tool is None:
        raise Refused(f"{name} is not installed, so nothing was done. Install postgresql-client.")
    # arguments of a process can be read by everyone on the machine, its environment cannot
    url = make_url(settings.database_url)
    plain = url._replace(drivername="postgresql", password=None).render_as_string()
    environ = {**os.environ, "PGPASSWORD": str(url.password)} if url.password else dict(os.environ)
    done = subprocess.run(  # noqa: S603 - no shell, our own arguments
        [tool, *arguments, f"--dbname={plain}"], capture_output=True, text=True, check=False, env=environ
    )
    if done.returncode:
        said = (done.stderr.strip() or f"it ended with {done.returncode}").splitlines()[-1]
        raise Refused(f"{name} failed, so nothing was changed: {said}")
