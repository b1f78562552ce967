"""Files for the server of a site: settings, service, nightly work, nginx in front; and a bank to begin with."""

import shutil
import sys
from pathlib import Path
from typing import Final

from training_app.errors import Refused
from training_app.tls import HOST

PACKAGE: Final = Path(__file__).parent
MODES: Final = {"training.env": 0o600, "training-app": 0o755}
"""Settings may hold a password; the command is run."""


def write_kit(target: Path, host: str) -> list[Path]:
    """The files in `target`, with the path of this program and the name by which people reach the site.

    What stands there by the same names is written over. Refused when `host` names none.
    """
    if not HOST.fullmatch(host.lower()):
        raise Refused(f"{host!r} is not the name of a host.")
    program = Path(sys.prefix) / "bin" / "training-app"
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(_folder("operate").iterdir()):
        text = source.read_text(encoding="utf-8").replace("@PROGRAM@", str(program)).replace("@HOST@", host.lower())
        path = target / source.name
        path.touch(mode=MODES.get(source.name, 0o644))
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def copy_bank_template(target: Path) -> None:
    """A small bank to change is in `target`, a folder that was not there. Refused when it was."""
    if target.exists():
        raise Refused(f"{target} exists already. Name a folder that does not.")
    shutil.copytree(_folder("bank-template"), target)


def _folder(name: str) -> Path:
    """Inside the installed package, or with the documents of a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / "docs" / name
