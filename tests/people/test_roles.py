"""Giving and ending roles: within the own reach, never to oneself, never what must not stand together."""

import threading

import pytest
from sqlalchemy import func, select

from tests.support.house import BEGAN, House
from training_app.errors import NotAllowed
from training_app.people.admission import end_role
from training_app.people.models import Person, RoleGrant
from training_app.people.rules import Grant, Holder, Role, may_give, may_manage, may_transfer, roles_to_give
from training_app.people.signed import holder_of

BASES = ("suzhou", "shenzhen", "guangzhou")
ADMIN = Holder(1, "suzhou", None, (Grant(Role.BASE_ADMIN, "suzhou"),))
HEAD = Holder(2, None, None, (Grant(Role.PROGRAMME_ADMIN, None),))
TRAINEE = Holder(3, "suzhou", None, (Grant(Role.TRAINEE, "suzhou"),))


def give(home: House, giver: str, to: str, role: str) -> str:
    """The page after `giver` tried to give `role` ("role@base")."""
    number = home.number(to)
    return home.signed_in(giver).post(f"/people/{number}/roles", data={"role": role}, follow_redirects=True).text


def roles_of(home: House, username: str) -> set[Grant]:
    return set(holder_of(home.person(username)).grants)


# the rule


def test_a_base_administrator_gives_roles_of_the_own_base_only() -> None:
    assert {grant.base for grant in roles_to_give(ADMIN, TRAINEE, BASES)} == {"suzhou"}


def test_a_base_administrator_gives_no_role_that_only_a_programme_administrator_gives() -> None:
    given = {grant.role for grant in roles_to_give(ADMIN, TRAINEE, BASES)}
    assert not given & {Role.PROGRAMME_ADMIN, Role.DECIDER, Role.AUDITOR}


def test_a_programme_administrator_gives_every_role_where_it_fits() -> None:
    given = roles_to_give(HEAD, TRAINEE, BASES)
    assert {grant.role for grant in given} == set(Role)
    assert Grant(Role.TRAINEE, None) not in given and Grant(Role.PROGRAMME_ADMIN, "suzhou") not in given


def test_a_role_that_is_held_is_not_offered_again() -> None:
    assert Grant(Role.TRAINEE, "suzhou") not in roles_to_give(ADMIN, TRAINEE, BASES)


@pytest.mark.parametrize("giver", [ADMIN, HEAD])
def test_nobody_gives_a_role_to_himself(giver: Holder) -> None:
    assert roles_to_give(giver, giver, BASES) == ()


def test_nobody_but_an_administrator_gives_a_role() -> None:
    assert not any(may_give(TRAINEE, 9, role, base) for role in Role for base in (*BASES, None))


def test_a_transfer_needs_both_bases_within_reach() -> None:
    assert may_transfer(HEAD, TRAINEE, "shenzhen") and not may_transfer(ADMIN, TRAINEE, "shenzhen")


def test_a_base_administrator_does_not_manage_a_role_over_all_bases() -> None:
    rater = Holder(4, "suzhou", None, (Grant(Role.RATER, None),))
    assert may_manage(ADMIN, TRAINEE) and not may_manage(ADMIN, rater)


# the pages


def test_a_role_is_given_and_written_down(home: House) -> None:
    assert "The role is given." in give(home, "base.admin", "newcomer", "trainee@suzhou")
    act = home.acts("role.given")[-1]
    assert act.details == {"role": "trainee", "base": "suzhou"}
    assert (act.chain, act.object_id, act.actor_id) == (
        "suzhou",
        str(home.number("newcomer")),
        home.number("base.admin"),
    )


def test_the_record_says_who_gave_a_role(home: House) -> None:
    give(home, "base.admin", "newcomer", "trainee@suzhou")
    record = home.signed_in("second.admin").get(f"/people/{home.number('newcomer')}").text
    assert "Base Admin" in record and "Second Admin" in record.split("</header>")[0]


@pytest.mark.parametrize("role", ["instructor@shenzhen", "rater@", "decider@suzhou", "programme_admin@", "auditor@"])
def test_a_forged_role_beyond_the_reach_is_refused_and_written_down(home: House, role: str) -> None:
    answer = give(home, "base.admin", "newcomer", role)
    assert "outside your reach" in answer and roles_of(home, "newcomer") == set()
    assert home.acts("refused")[-1].details["permission"] == "roles.give"


def test_nobody_gives_himself_a_role_by_a_forged_form(home: House) -> None:
    give(home, "base.admin", "base.admin", "instructor@suzhou")
    assert roles_of(home, "base.admin") == {Grant(Role.BASE_ADMIN, "suzhou")}


@pytest.mark.parametrize("role", ["", "king@suzhou", "trainee@atlantis", "trainee"])
def test_a_role_that_does_not_exist_is_refused_in_words(home: House, role: str) -> None:
    assert roles_of(home, "newcomer") == set() and "given." not in give(home, "head", "newcomer", role)


def test_a_refused_combination_names_both_roles(home: House) -> None:
    page = give(home, "head", "auditor", "instructor@suzhou")
    assert "Instructor and Auditor are two roles that one person never holds together. End Auditor first." in page
    assert roles_of(home, "auditor") == {Grant(Role.AUDITOR, None)}


def test_a_contact_needs_an_organisation(home: House) -> None:
    assert "A contact speaks for an organisation." in give(home, "head", "newcomer", "contact@suzhou")


def test_the_same_role_is_not_given_twice(home: House) -> None:
    give(home, "head", "newcomer", "trainee@suzhou")
    assert "already holds this role" in give(home, "head", "newcomer", "trainee@suzhou")


def end(home: House, by: str, of: str, position: int = 0) -> str:
    person = home.person(of)
    path = f"/people/{person.id}/roles/{person.grants[position].id}/end"
    return home.signed_in(by).post(path, follow_redirects=True).text


def test_an_ended_role_stays_on_the_record(home: House) -> None:
    assert "The role is ended." in end(home, "base.admin", "trainee")
    assert roles_of(home, "trainee") == set()
    with home.database.read() as session:
        ended = session.scalars(select(RoleGrant).where(RoleGrant.ended_by == home.number("base.admin"))).one()
    assert ended.role == "trainee" and ended.ended_at is not None
    assert [act.details for act in home.acts("role.ended")] == [{"role": "trainee", "base": "suzhou"}]


def test_a_base_administrator_ends_a_visitors_role_at_the_own_base_only(home: House) -> None:
    end(home, "base.admin", "visitor", 0)
    end(home, "base.admin", "visitor", 1)
    assert roles_of(home, "visitor") == {Grant(Role.INSTRUCTOR, "shenzhen")}


def test_nobody_ends_the_own_role(home: House) -> None:
    assert "your own" in end(home, "head", "head")
    assert Grant(Role.PROGRAMME_ADMIN, None) in roles_of(home, "head")


def test_a_role_of_somebody_else_is_not_ended_under_this_name(home: House) -> None:
    grant = home.person("second.admin").grants[0].id
    answer = home.signed_in("base.admin").post(f"/people/{home.number('trainee')}/roles/{grant}/end")
    assert answer.status_code == 404 and roles_of(home, "second.admin") != set()


def test_two_who_end_each_others_role_at_once_do_not_leave_nobody(home: House) -> None:
    both = {name: home.person(name) for name in ("head", "second.head")}
    together = threading.Barrier(2)
    refused: list[NotAllowed] = []

    def end_other(giver: str, target: str) -> None:
        together.wait()
        try:
            with home.database.write() as session:
                person = session.get_one(Person, both[target].id)
                end_role(session, person, both[target].grants[0].id, giver=holder_of(both[giver]), now=BEGAN)
        except NotAllowed as refusal:
            refused.append(refusal)

    threads = [
        threading.Thread(target=end_other, args=pair) for pair in (("head", "second.head"), ("second.head", "head"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with home.database.read() as session:
        left = session.scalar(
            select(func.count()).where(RoleGrant.role == Role.PROGRAMME_ADMIN, RoleGrant.ended_at.is_(None))
        )
    assert (left, len(refused)) == (1, 1)
