"""What tests of the door do again and again: failing, handing out a code, using it."""

from sqlalchemy import select

from tests.support.inner_site import Guest, InnerSite
from training_app import clock
from training_app.people.models import Person
from training_app.people.sign_in import issue_code
from training_app.signing import key_for

TRAINEE = "shen.zhixia"
WRONG = "wrong-password"
NEW = "a sentence nobody guesses"


def code_for(house: InnerSite, username: str) -> str:
    key = key_for(str(house.app.secret_key), "door", 0)
    with house.database.write() as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
        return issue_code(session, person, issuer_id=None, key=key, now=clock.now())


def use_code(guest: Guest, username: str, code: str, password: str = NEW) -> int:
    guest.get("/sign-in/code")
    return guest.send("/sign-in/code", username=username, code=code, new_password=password, repeat=password).status_code


def fail(house: InnerSite, times: int, *, address: str = "127.0.0.1", username: str = TRAINEE) -> list[int]:
    guest = house.guest(address=address)
    return [guest.sign_in(username, WRONG).status_code for _ in range(times)]
