"""A site killed in the middle of a test: what it acknowledged is there after the restart."""

import re

from tests.support.site import Installation, Site
from tests.support.visitor import Visitor

ANSWERED = 6


def candidate_at(site: Site) -> Visitor:
    """A trainee without a past, signed in."""
    visitor = Visitor(site)
    visitor.sign_in(next(one for one in site.installation.accounts() if one.username == "cheng.yan"))
    return visitor


def a_choice(page: str) -> dict[str, str]:
    """Fields that answer the item on the page, whatever its kind."""
    fields = dict.fromkeys(re.findall(r'<input class="form-control" id="number" name="(number)"', page), "1")
    for name in re.findall(r'<select[^>]* name="(p\w+\.\w+)"', page):
        options = re.findall(rf'name="{re.escape(name)}".*?</select>', page, re.DOTALL)[0]
        place = len(fields) + 1 if name.startswith("place.") else 1
        fields[name] = re.findall(r'<option value="(\w+)"', options)[place - 1]
    return fields or {"choice": re.findall(r'name="choice" value="(\w+)"', page)[0]}


def test_nothing_acknowledged_is_lost_when_the_site_is_killed(demo_installation: Installation) -> None:
    site = demo_installation.start()
    visitor = candidate_at(site)
    visitor.get("/exams")
    visitor.send("/exams/entry")
    paper = visitor.address.removeprefix(site.url).partition("?")[0]
    kept = {}
    for place in range(1, ANSWERED + 1):
        fields = a_choice(visitor.get(f"{paper}?item={place}"))
        visitor.send(f"{paper}/items/{place}", client_seq="1", goto=str(place), **fields)
        kept[place] = fields
        assert f"已保存 {place}/20" in visitor.text
    site.server.kill()
    with demo_installation.serving() as again:
        visitor = candidate_at(again)
        for place, fields in kept.items():
            page = visitor.get(f"{paper}?item={place}")
            assert f"已保存 {ANSWERED}/20" in page
            assert all(is_given(page, name, value) for name, value in fields.items()), place
        assert "exams: ok" in demo_installation.must_run("check")


def is_given(page: str, name: str, value: str) -> bool:
    """Whether the page shows that value in that field."""
    if name == "number":
        return f'name="number" value="{value}"' in page
    if name == "choice":
        return f'name="choice" value="{value}" checked' in page
    field = re.findall(rf'name="{re.escape(name)}".*?</select>', page, re.DOTALL)[0]
    return f'<option value="{value}" selected' in field
