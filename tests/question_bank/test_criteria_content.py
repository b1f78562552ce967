import re
from collections import Counter
from decimal import Decimal

import pytest

from question_bank.checks.quantities import differences
from question_bank.criteria import Change, Criterion, Grade, NodeLevel, Topic
from question_bank.criteria_loading import load_criteria
from question_bank.figure_numbers import numbers_of_figures
from question_bank.glossary_loading import load_glossary
from question_bank.items import Certainty
from question_bank.texts import Text

TREE = load_criteria()
GLOSSARY = load_glossary()
NODES = tuple(TREE.nodes.values())
ITEMS = tuple(node for node in NODES if node.level is NodeLevel.ITEM)
TOPICS = tuple(TREE.topics.values())
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


def texts_of(node: Criterion | Topic) -> tuple[Text, ...]:
    """Every text that a page shows of the node."""
    own = (node.title, node.text, getattr(node, "note", None))
    rows = getattr(node, "rows", ())
    facts = getattr(node, "facts", ())
    said = [part for row in rows for part in (row.label, row.value)]
    said += [part for fact in facts for part in (fact.text, fact.source)]
    return (*filter(None, own), *said)


def all_texts() -> tuple[tuple[str, Text], ...]:
    shown = [(node.code, text) for node in (*NODES, *TOPICS) for text in texts_of(node)]
    for one in TREE.instruments.values():
        shown += [(one.id, text) for text in (one.name, one.number, one.note) if text is not None]
    for edition in TREE.editions.values():
        shown += [
            (edition.id, text) for text in (edition.title, edition.completeness, edition.note) if text is not None
        ]
    return (*shown, *((source.id, source.name) for source in TREE.sources.values()))


@pytest.mark.parametrize(
    ("edition", "general", "bonus"),
    [
        ("2026-34-ACE", 68, 6),
        ("2026-34-CE", 56, 6),
        ("2026-34-SPEC", 22, 0),
        ("2022-106-ACE", 62, 0),
        ("2022-106-SPEC", 32, 0),
        ("2018-NANJING", 25, 0),
    ],
)
def test_each_edition_holds_as_many_criteria_as_the_facts_say(edition: str, general: int, bonus: int) -> None:
    found = Counter(".24." in item.code for item in TREE.items_of(edition))

    assert (found[False], found[True]) == (general, bonus)


def test_the_trees_hold_378_nodes_in_all() -> None:
    assert len(NODES) == 378


def test_criteria_of_an_edition_are_numbered_through() -> None:
    numbers = [item.official_no for item in TREE.items_of("2026-34-ACE")]

    assert numbers == [f"({n})" for n in range(1, 75)]


def test_no_english_text_holds_a_chinese_character() -> None:
    allowed = ("署企发", "署稽发")
    bare = [(code, text.en.replace(allowed[0], "").replace(allowed[1], "")) for code, text in all_texts()]

    assert [code for code, en in bare if CHINESE.search(en)] == []


def test_every_title_and_text_of_a_criterion_is_chinese_in_chinese() -> None:
    assert [node.code for node in NODES for text in (node.title, node.text) if not CHINESE.search(text.zh)] == []


def test_no_text_holds_a_link_or_a_source_that_is_a_repository() -> None:
    suspicious = re.compile(r"https?:|www\.|github|\.(com|cn|org|html)\b", re.IGNORECASE)

    assert [code for code, text in all_texts() if suspicious.search(text.zh + text.en)] == []


def test_both_languages_say_the_same_figures() -> None:
    assert [(code, text) for code, text in all_texts() if any(differences(text.zh, text.en))] == []


def test_no_text_uses_a_string_that_the_glossary_refuses() -> None:
    found = [(code, list(GLOSSARY.refusals(text, since_2026="26" in code))) for code, text in all_texts()]

    assert [pair for pair in found if pair[1]] == []


@pytest.mark.parametrize("node", ITEMS, ids=lambda node: node.code)
def test_a_digit_in_a_description_stands_in_its_figures_or_heading(node: Criterion) -> None:
    heading = {Decimal(n) for n in re.findall(r"\d+", node.title.zh)}
    digits = {Decimal(n.replace(",", "")) for n in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", node.text.en)}

    assert digits <= numbers_of_figures(node.figures) | heading


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.code)
def test_every_parent_exists_in_the_same_edition(node: Criterion) -> None:
    above = [getattr(TREE.node(parent), "edition", None) for parent in filter(None, [node.parent])]

    assert set(above) <= {node.edition}


def test_every_root_is_that_of_its_edition() -> None:
    roots = [node.code for node in NODES if node.parent is None]

    assert roots == [edition.root for edition in TREE.editions.values()]


def test_only_the_advanced_criteria_of_2026_say_how_they_are_checked() -> None:
    assert {node.edition for node in NODES if node.verify} == {"2026-34-ACE"}
    assert all(node.verify for node in TREE.items_of("2026-34-ACE"))


def test_every_node_of_2022_is_an_official_copy_and_every_node_of_2026_secondary() -> None:
    grades = {(node.edition[:4], node.grade) for node in NODES}

    assert grades == {("2026", Grade.SECONDARY), ("2022", Grade.OFFICIAL_COPY), ("2018", Grade.SECONDARY)}


def test_twelve_advanced_criteria_have_no_certified_counterpart() -> None:
    alone = [n.official_no for n in TREE.items_of("2026-34-ACE") if "2026-34-CE" not in TREE.counterparts(n.code)]

    assert alone == [f"({n})" for n in (9, 14, 47, 48, 50, 52, 54, 56, 57, 60, 63, 65)]


@pytest.mark.parametrize("section", ["A26.08", "A26.12", "A26.13", "A26.14", "A26.16"])
def test_a_section_without_a_predecessor_is_new_with_all_that_it_holds(section: str) -> None:
    assert {getattr(node, "change", None) for node in TREE.below(section)} == {Change.NEW}


def test_only_the_advanced_side_of_2026_is_marked_with_changes() -> None:
    assert {node.edition for node in NODES if node.change is not None} == {"2026-34-ACE", "2026-34-SPEC"}


def test_what_is_new_has_no_counterpart_in_2022_and_what_is_not_new_has_one() -> None:
    marked = [node for node in NODES if node.change is not None]
    matched = {node.code for node in marked if any(e.startswith("2022") for e in TREE.counterparts(node.code))}

    assert {node.code for node in marked if node.change is not Change.NEW} == matched


def test_disputed_figures_are_those_on_which_two_sources_differ() -> None:
    assert TREE.nodes["A26.07.13"].disputed == ("debt_to_assets_max_pct",)


def test_the_pass_rule_of_2022_stands_at_its_root() -> None:
    assert TREE.nodes["G22"].figures["general_basically_met_max"] == 3


def test_every_fact_of_a_topic_has_a_date_and_a_source_in_both_languages() -> None:
    facts = [fact for topic in TOPICS for fact in topic.facts]

    assert len(facts) > 140
    assert all(re.fullmatch(r"\d{4}(-\d\d){0,2}", fact.as_of) for fact in facts)


@pytest.mark.parametrize(
    "code",
    [topic.code for topic in TOPICS if topic.code.count(".") == 2],
)
def test_every_subtopic_has_facts_of_which_one_is_better_than_unverified(code: str) -> None:
    assert TREE.certainty([code]) is not Certainty.UNVERIFIED


def test_the_letters_of_the_safe_elements_are_unverified() -> None:
    letters = [fact for fact in TREE.topics["T.SF.02"].facts if "A to M" in fact.text.en]

    assert [fact.certainty for fact in letters] == [Certainty.UNVERIFIED]


def test_countries_are_economies_minus_one_plus_the_members_of_the_union() -> None:
    said = [re.findall(r"(\d+) economies, (\d+)", fact.text.en) for fact in TREE.topics["T.MR.01"].facts]
    counts = [(int(economies), int(countries)) for pairs in said for economies, countries in pairs]

    assert len(counts) == 7
    assert all(countries == economies - 1 + 27 for economies, countries in counts)


def test_the_instruments_of_the_plan_are_there() -> None:
    assert set(TREE.instruments) == {
        *("B34-2026", "B106-2022", "B82-2014", "B170-2023", "D282", "D251", "D237", "D225", "D170"),
        *("DOC73-2022", "DOC36-2024", "JI-2016", "SAFE", "MRA", "SLIDES-2023"),
    }
