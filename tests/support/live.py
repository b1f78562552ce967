"""Live observations in Chromium: pretended cameras, an observation with venues, how many pictures a page has shown."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from tests.support.papers import database_of
from tests.support.site import Account, Site
from training_app.clock import now, shanghai_day
from training_app.config import Settings
from training_app.observations.acts import By
from training_app.observations.links import secret_of_link
from training_app.observations.models import Observation
from training_app.observations.plans import Plan, plan
from training_app.observations.rules import Times
from training_app.observations.venues import ConsentEntry, VenueEntry, make_link, note_consent
from training_app.people.models import Person
from training_app.people.signed import holder_of
from training_app.programmes.models import Programme
from training_app.streams import control

FAKE_DEVICES: Final = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
SMALL = """
    const devices = globalThis.MediaDevices?.prototype ?? {}
    const asked = devices.getUserMedia
    devices.getUserMedia = function (wanted) {
        const size = {width: 640, height: 360, frameRate: 12}
        return asked.call(this, wanted.video ? {...wanted, video: size} : wanted)
    }
"""
"""Cameras of 640x360: three of them are encoded by the machine that also shows them."""
BASE = "suzhou"


@dataclass(frozen=True, slots=True)
class Occasion:
    """An observation with venues."""

    site: Site
    id: int
    host: Account
    links: tuple[str, ...]

    @property
    def studio(self) -> str:
        return f"{self.site.url}/studio/{self.id}"

    @property
    def hall(self) -> str:
        return f"{self.site.url}/observations/{self.id}/watch"


def cameras(*names: str) -> tuple[VenueEntry, ...]:
    """Venues that send by their links."""
    return tuple(VenueEntry(f"会场{name}", f"Venue {name}") for name in names)


def new_occasion(site: Site, venues: tuple[VenueEntry, ...] = cameras("one", "two", "three")) -> Occasion:
    """An observation of now with venues that have links and consents; the host lets nobody in yet."""
    host = site.account("base_admin", base=BASE)  # the instructors of the demonstration are on the air
    moment = now()
    with database_of(site) as database, database.write() as session:
        person = session.scalars(select(Person).where(Person.username == host.username)).one()
        by = By(holder_of(person), None, moment)
        programme = session.scalars(select(Programme.id).order_by(Programme.id)).first()
        entered = Plan(
            kind="validation",
            title_zh="三会场观摩",
            title_en="Three venues",
            note="",
            times=Times(moment - timedelta(minutes=5), moment + timedelta(hours=2)),
            host_id=person.id,
            programme_id=str(programme),
            bases=(BASE,),
            places=None,
            keep_days=30,
            venues=venues,
        )
        found = plan(session, BASE, entered, by)
        until = shanghai_day(moment) + timedelta(days=30)
        for venue in found.venues:
            note_consent(session, found, venue, ConsentEntry("Director", "all of it", until), by=by)
        links = [make_link(session, found, venue, by) for venue in found.venues if not venue.is_synthetic]
        secret = (site.installation.data_dir / "secret-key").read_text(encoding="ascii").strip()
        addresses = tuple(f"{site.url}/venue/{secret_of_link(secret, link)}" for link in links)
        return Occasion(site, found.id, host, addresses)


def demonstration_on_air(site: Site) -> int:
    """The id of the demonstration's observation that shows a test picture."""
    with database_of(site) as database, database.read() as session:
        return (
            session.scalars(
                select(Observation.id).where(Observation.state == "on_air").order_by(Observation.id)
            ).first()
            or 0
        )


def small_cameras(context: BrowserContext) -> None:
    """Pages of the context have cameras of 640x360."""
    context.add_init_script(SMALL)


def frames(page: Page, selector: str = "#video") -> int:
    """How many pictures the page has shown since its stream began."""
    found: int = page.locator(selector).evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames")
    return found


def media_pid(site: Site) -> int:
    """The media process of the site. Raises MediaAway while there is none that answers."""
    settings = Settings.from_environ(site.installation.environ(PORT=str(site.port), MEDIA="yes"))
    return int(control.health(settings)["pid"])
