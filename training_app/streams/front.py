"""What nginx in front of the media process is told."""

from pathlib import Path

from training_app.media.links import kept_secret
from training_app.media.protocol import FOLDER


def link_line(data_dir: Path) -> str:
    """The line of nginx's configuration with the secret by which it knows signed addresses; the secret is made once."""
    return f'set $link_secret "{kept_secret(data_dir / FOLDER)}";'
