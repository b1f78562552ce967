"""Small items that pass every check, to be spoiled one by one; and what the checks say to them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from question_bank.blueprint import Blueprint
from question_bank.checks import Report, check_bank
from question_bank.criteria import Criteria
from question_bank.criteria_loading import load_criteria
from question_bank.items import (
    Bank,
    Case,
    CaseRow,
    Certainty,
    Element,
    ErrorClass,
    ExpectedError,
    Item,
    Kind,
    Level,
    MatchResponse,
    NumericKey,
    Option,
    Premise,
    Rule,
    Scoring,
)
from question_bank.loading import LoadedContent
from question_bank.texts import Text

FILE = "items/miniatures.yaml"
DAY = date(2026, 11, 23)
T = Text


@lru_cache(maxsize=1)
def shipped_criteria() -> Criteria:
    return load_criteria()


def wrong(identity: str, text: Text, reason: Text, error: ErrorClass = ErrorClass.HABIT) -> Option:
    return Option(identity, text, reason, key=False, error=error)


def right(identity: str, text: Text, reason: Text) -> Option:
    return Option(identity, text, reason, key=True)


def item(**changes: object) -> Item:
    """A single choice item on the keeping of system data, recall, that no check complains of."""
    good = Item(
        id="MINI-1",
        kind=Kind.SINGLE,
        codes=("A26.05.08",),
        instruments=("B34-2026",),
        effective_from=date(2026, 4, 1),
        effective_to=None,
        as_of=None,
        certainty=Certainty.SECONDARY,
        level=Level.RECALL,
        difficulty=80,
        points=1,
        scoring=Scoring(Rule.ALL_OR_NOTHING),
        public=True,
        borrowed=("A26.08.16", "A26.10.21"),
        stem=T(
            "按公告2026年第34号，海关手续办完后，电子记录须留存多久？",
            "Under Bulletin 34 of 2026, how long are electronic records held once formalities end?",
        ),
        rationale=T("留存期为3年，自手续办结起算。", "They are held for 3 years from the end of formalities."),
        source=T(
            "公告2026年第34号附件2第8项（二手来源）", "Bulletin 34 of 2026, annex 2, criterion 8 (secondary source)"
        ),
        options=(
            wrong(
                "A", T("1年", "1 year"), T("习惯上如此，标准的期限更长。", "A habit; the criterion asks for longer.")
            ),
            right(
                "B", T("3年", "3 years"), T("标准写明的期限就是3年。", "The criterion says 3 years in so many words.")
            ),
            wrong(
                "C", T("2年", "2 years"), T("这是另一项标准的回溯期。", "That is the look-back of another criterion.")
            ),
        ),
    )
    return replace(good, **changes)


def multiple(**changes: object) -> Item:
    options = (
        right("A", T("仓库大门", "Warehouse gate"), T("大门属于须看守的地方。", "The gate is a place to be guarded.")),
        right("B", T("货柜堆场", "Container yard"), T("堆场属于须看守的地方。", "The yard is a place to be guarded.")),
        wrong("C", T("员工食堂", "Staff canteen"), T("食堂不在须看守之列。", "The canteen is no such place.")),
        wrong("D", T("会客大厅", "Reception hall"), T("大厅不在须看守之列。", "The hall is no such place here.")),
    )
    parts = {
        "kind": Kind.MULTIPLE,
        "codes": ("A26.18.46",),
        "points": 4,
        "scoring": Scoring(Rule.PARTIAL, 1),
        "stem": T(
            "按公告2026年第34号，演示公司须看守哪些地方？",
            "Under Bulletin 34 of 2026, which places does the Demo firm guard?",
        ),
        "rationale": T("须看守的是大门和堆场。", "The gate and the yard are to be guarded."),
        "source": T("公告2026年第34号附件2", "Bulletin 34 of 2026, annex 2"),
        "options": options,
    }
    return item(**(parts | changes))


def true_false(**changes: object) -> Item:
    options = (
        wrong(
            "T",
            T("正确", "True"),
            T("起点不是申报之日。", "Declaring is no starting point here."),
            ErrorClass.WRONG_BASE,
        ),
        right("F", T("错误", "False"), T("起点被换成了别的日子。", "The starting point was exchanged.")),
    )
    parts = {
        "kind": Kind.TRUE_FALSE,
        "stem": T(
            "按公告2026年第34号，电子记录的留存期从申报之日算起。",
            "Under Bulletin 34 of 2026, electronic records are held from the day of declaring.",
        ),
        "rationale": T("留存期自手续办结之日算起。", "The time runs from the end of formalities."),
        "options": options,
    }
    return item(**(parts | changes))


def numeric(**changes: object) -> Item:
    parts = {
        "kind": Kind.NUMERIC,
        "codes": ("A26.12.23",),
        "level": Level.APPLY,
        "stem": T(
            "海关查了演示公司自理的420票报关单。按公告2026年第34号，查获率允许的最大票数是多少？",
            "Customs checked 420 self-filed declarations of the Demo firm. "
            "Under Bulletin 34 of 2026, how many findings does the rate allow?",
        ),
        "rationale": T("420票的10%是42票。", "10% of 420 is 42."),
        "source": T(
            "公告2026年第34号附件2第23项（二手来源）", "Bulletin 34 of 2026, annex 2, criterion 23 (secondary source)"
        ),
        "options": (),
        "numeric": NumericKey(
            Decimal(42),
            Decimal(0),
            0,
            T("票", "declarations"),
            (
                ExpectedError(
                    Decimal(5),
                    ErrorClass.WRONG_SPLIT,
                    T("误用了小批量的票数限额。", "This takes the limit for small numbers."),
                ),
            ),
        ),
        "working": ("420 * 10% = 42",),
    }
    return item(**(parts | changes))


def ordering(**changes: object) -> Item:
    names = (
        ("C", "开展自查", "Self-assessment", "1"),
        ("A", "递交申请", "Application", "2"),
        ("D", "现场核实", "Visit on the spot", "3"),
        ("B", "作出决定", "Decision", "4"),
    )
    parts = {
        "kind": Kind.ORDERING,
        "points": 3,
        "scoring": Scoring(Rule.NEIGHBOURS, 1),
        "stem": T(
            "按公告2026年第34号，演示流程的先后顺序是什么？",
            "Under Bulletin 34 of 2026, in which order do these steps come?",
        ),
        "rationale": T(
            "先自查，后申请，再核实和决定。", "Self-assessment first, then application, visit and decision."
        ),
        "options": (),
        "elements": tuple(
            Element(identity, T(zh, en), sort, T(f"{zh}的位置由流程决定。", f"{en} has its place in the flow."))
            for identity, zh, en, sort in names
        ),
    }
    return item(**(parts | changes))


def matching(**changes: object) -> Item:
    pairs = (("1", "大门", "Gate", "a"), ("2", "货柜", "Container", "b"), ("3", "来客", "Caller", "c"))
    answers = (
        ("a", "上锁", "Locking"),
        ("b", "施封", "Sealing"),
        ("c", "登记", "Registering"),
        ("d", "称重", "Weighing"),
    )
    parts = {
        "kind": Kind.MATCHING,
        "points": 3,
        "scoring": Scoring(Rule.PER_PAIR, 1),
        "stem": T(
            "按公告2026年第34号，下列对象各用哪种办法？",
            "Under Bulletin 34 of 2026, which measure belongs to each of these?",
        ),
        "rationale": T("大门上锁，货柜施封，来客登记。", "Gates are locked, containers sealed, callers registered."),
        "options": (),
        "premises": tuple(
            Premise(identity, T(zh, en), response, T(f"{zh}有自己的办法。", f"{en} has a measure of its own."))
            for identity, zh, en, response in pairs
        ),
        "responses": tuple(MatchResponse(identity, T(zh, en)) for identity, zh, en in answers),
    }
    return item(**(parts | changes))


NIGHT_ZH = (
    "演示灯具（苏州）有限公司（虚构）按公告2026年第34号申请高级认证。厂区设有一个正门和两个货运出口，正门由保安登记来客，"
    "货运出口装有摄像头。仓库主管每天早上核对前一日的出入记录，并把核对结果写进值班簿。海关认证人员到厂时，值班簿上有五天没有签名，"
    "摄像头的画面显示夜里有一辆货车从东侧出口驶出，而当天的出入记录里没有这辆车。主管解释说，夜里值班的人已经调走，"
    "他的钥匙还留在值班室的抽屉里，抽屉没有上锁。"
)
NIGHT_EN = (
    "Demo Lamps (Suzhou) Co., Ltd. (invented) applies for advanced certification under Bulletin 34 of 2026. The "
    "works has a main gate and two freight exits. Guards note callers at the main gate; cameras watch the freight "
    "exits. Each morning the supervisor compares the records of the day before and writes the result into the duty "
    "book. When the validators come, five days lack a signature, and a camera shows a lorry leaving by the east "
    "exit at night that no record of the day holds. The supervisor says that the night guard was moved and that "
    "his keys lie in a drawer that is not locked."
)


def what_to_see_first() -> Item:
    return item(
        id="CASE-1-1",
        codes=("A26.18.48",),
        case="CASE-1",
        level=Level.ANALYSE,
        stem=T("要弄清夜间货车的去向，应先看什么？", "To learn where the night lorry went, what is seen first?"),
        rationale=T("画面来自货运出口的摄像头。", "The picture comes from the camera at the freight exit."),
        source=T("公告2026年第34号附件2", "Bulletin 34 of 2026, annex 2"),
        options=(
            wrong("A", T("工资单", "The payroll"), T("工资单看不出车辆去向。", "A payroll shows no lorries.")),
            right(
                "B",
                T("道闸流水", "The barrier log"),
                T("道闸流水记着车辆去向。", "The barrier log shows which way it went."),
            ),
            wrong(
                "C",
                T("食堂账", "Canteen bills"),
                T("食堂账与货车没有关系。", "Canteen bills have nothing to do with it."),
            ),
        ),
    )


def what_was_left_undone() -> Item:
    return replace(
        what_to_see_first(),
        id="CASE-1-2",
        level=Level.APPLY,
        stem=T("值班簿缺签名，说明漏做了哪一环？", "Unsigned days in the duty book show which step undone?"),
        rationale=T(
            "主管每天早上核对出入记录，缺签名即没有核对的凭据。",
            "The supervisor signs after comparing; no signature is no proof.",
        ),
        options=(
            right(
                "A",
                T("每日核对", "The daily comparing"),
                T("签名就是核对过的凭据。", "The signature is the proof of comparing."),
            ),
            wrong(
                "B",
                T("年度盘点", "The yearly stock-take"),
                T("盘点不写进值班簿。", "A stock-take is not in the duty book."),
            ),
            wrong(
                "C",
                T("入职培训", "Training at entry"),
                T("培训不写进值班簿里。", "Training is not in the duty book at all."),
            ),
        ),
    )


def keys_in_a_drawer() -> Item:
    return true_false(
        id="CASE-1-3",
        codes=("A26.18.48",),
        case="CASE-1",
        level=Level.APPLY,
        stem=T("值班室的抽屉没有上锁，因此钥匙的保管有缺口。", "The open drawer leaves a gap in the keeping of keys."),
        rationale=T("钥匙留在没有上锁的抽屉里，谁都能取。", "Keys in an open drawer can be taken by anyone."),
        source=T("公告2026年第34号附件2", "Bulletin 34 of 2026, annex 2"),
    )


def case(**changes: object) -> Case:
    """A case of three items, of two levels and two kinds, each of which needs it."""
    rows = (CaseRow(T("门禁", "Gates"), T("正门", "Main gate"), T("保安值守", "Guarded")),)
    items = (what_to_see_first(), what_was_left_undone(), keys_in_a_drawer())
    good = Case("CASE-1", T("夜里的货车", "The lorry at night"), T(NIGHT_ZH, NIGHT_EN), rows, items)
    return replace(good, **changes)


def content_of(*items: Item, cases: Iterable[Case] = (), blueprints: tuple[Blueprint, ...] = ()) -> LoadedContent:
    bank = Bank(items, tuple(cases))
    files = {one.id: FILE for one in bank.all_items()} | {one.id: FILE for one in bank.cases}
    return LoadedContent(bank, blueprints, files | {one.id: FILE for one in blueprints})


def report_of(*items: Item, cases: Iterable[Case] = ()) -> Report:
    return check_bank(content_of(*items, cases=cases), shipped_criteria(), shipped=False)


def found(*items: Item, cases: Iterable[Case] = ()) -> set[tuple[str, str, str, str]]:
    """Severity, code, item and field of each fault of an item or case, those of the whole bank left out."""
    faults = report_of(*items, cases=cases).faults
    return {(fault.severity, fault.code, fault.item, fault.field) for fault in faults if fault.file == FILE}
