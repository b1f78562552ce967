"""The page that a browser shows when a paper is loaded anew without the network, and the worker that keeps it there.

Both carry no item and nothing of a person. The worker runs where the origin is secure: HTTPS, or this computer itself.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from flask import Response, current_app, render_template, url_for

from training_app.exams.paper.words import paper_text, paper_words, paper_words_json, place_text
from training_app.exams.views import bp
from training_app.web.access import PUBLIC, permit

SHELL_FILES: Final = (
    "tokens.css",
    "vendor/tabler/tabler.min.css",
    "site.css",
    "parts.css",
    "paper.css",
    "vendor/icons.svg",
    "mark.svg",
    "theme.js",
    "exams/paper_shell.js",
    "outbox/store.js",
    "outbox/tabs.js",
    "outbox/random.js",
)
"""Static files of the shell, below `static`."""
WORKER: Final = "exams/paper_worker.js"

bp.add_app_template_global(paper_words)
bp.add_app_template_global(paper_words_json)
bp.add_app_template_global(paper_text)
bp.add_app_template_global(place_text)


@bp.get("/paper-shell")
@permit(PUBLIC)
def paper_shell() -> str:
    """What is kept on this computer, in both languages, until the network is back."""
    return render_template("exams/paper_shell.html")


@bp.get("/paper-worker.js")
@permit(PUBLIC)
def paper_worker() -> Response:
    """The worker, with the list of what it keeps and a version that changes with any of it."""
    folder = Path(str(current_app.static_folder))
    page = render_template("exams/paper_shell.html")
    files = [url_for("exams.paper_shell"), *(url_for("static", filename=name) for name in SHELL_FILES)]
    head = f"const VERSION = {json.dumps(_version(folder, page))};\nconst FILES = {json.dumps(files)};\n"
    answer = Response(head + (folder / WORKER).read_text(encoding="utf-8"), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/"
    return answer


@cache
def _version(folder: Path, page: str) -> str:
    digest = hashlib.sha256(page.encode())
    for name in (*SHELL_FILES, WORKER):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]
