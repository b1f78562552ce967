"""The floors of hot requests: a bare Flask application on the same server, driver and database as the site.

`python -m benchmarks.floor PORT WORKERS THREADS` serves it. DATABASE_URL names the database, CONTENT a file with the
items of a paper as JSON.
"""

import json
import os
import sys
from pathlib import Path
from queue import LifoQueue
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, render_template_string, request
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy.engine import make_url

TABLE = """CREATE TABLE IF NOT EXISTS floor_answer (
    attempt integer, item integer, payload jsonb, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (attempt, item))"""
UPSERT = """INSERT INTO floor_answer (attempt, item, payload) VALUES (%s, %s, %s)
    ON CONFLICT (attempt, item) DO UPDATE SET payload = excluded.payload, at = now()"""

BOTH = '<span class="in-zh" lang="zh-CN">{{ %s }}</span><span class="in-en" lang="en">{{ %s }}</span>'
PAGE = f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{{{ title }}}}</title>
<link rel="stylesheet" href="{{{{ url_for('static', filename='site.css') }}}}"></head><body><main>
{{% for item in items %}}
<article class="paper-item" id="item-{{{{ loop.index }}}}" data-item="{{{{ item.id }}}}" hidden>
<h2>{BOTH % ("loop.index", "loop.index")}</h2><p class="stem">{BOTH % ("item.zh", "item.en")}</p>
<fieldset class="options">{{% for option in item.options %}}<label class="option">
<input class="option-input" type="radio" name="choice-{{{{ item.id }}}}" value="{{{{ option.id }}}}" autocomplete="off">
<span class="option-row"><span class="option-letter">{{{{ option.id }}}}</span>
<span class="option-text">{BOTH % ("option.zh", "option.en")}</span>
<span class="option-state">{BOTH % ("chosen[0]", "chosen[1]")}
<svg class="icon"><use href="{{{{ icons }}}}#circle-check-filled"/></svg></span></span></label>{{% endfor %}}</fieldset>
<div class="item-under"><button type="button">{BOTH % ("clear[0]", "clear[1]")}</button></div>
</article>{{% endfor %}}</main></body></html>"""
WORDS = {"chosen": ("已选", "Chosen"), "clear": ("清除", "Clear"), "icons": "/static/vendor/icons.svg"}


def application() -> Flask:
    """Two views: one raw upsert, and one page."""
    app = Flask("floor")
    content: dict[str, Any] = json.loads(Path(os.environ["CONTENT"]).read_text(encoding="utf-8"))
    address = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql").render_as_string(hide_password=False)
    pool: LifoQueue[psycopg.Connection[Any]] = LifoQueue()

    def connection() -> psycopg.Connection[Any]:
        return psycopg.connect(address, autocommit=True) if pool.empty() else pool.get()

    @app.post("/upsert")
    def upsert() -> Response:
        body = request.get_json()
        given = body["entries"][0]
        used = connection()
        used.execute(UPSERT, (body["attempt"], given["item"], json.dumps(given["payload"])))
        pool.put(used)
        return jsonify(ok=True)

    @app.get("/page")
    def page() -> str:
        return render_template_string(PAGE, **WORDS, **content)

    return app


def main() -> None:
    """Serves until it is ended."""
    port, workers, threads = map(int, sys.argv[1:4])
    Granian(
        "benchmarks.floor:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=8192,
        backpressure=4096,
        websockets=False,
        factory=True,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
