"""Demonstration data: invented people and firms of three bases, so that every act can be tried at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.models import Organisation, Person
from training_app.people.passwords import HASHER
from training_app.people.rules import Role

PASSWORD = "practice-2026"  # noqa: S105 - shown on the sign-in page of every demonstration

ENTERPRISES = (
    (
        "suzhou",
        "演示精密机械（苏州）有限公司",
        "Demo Precision Machinery (Suzhou) Co., Ltd.",
        "91990000MA0AEW00KK",
        "32059309KX",
    ),
    ("shenzhen", "演示家具（深圳）有限公司", "Demo Furniture (Shenzhen) Co., Ltd.", "91990000MA0AE00250", "44039309KY"),
    ("guangzhou", "演示食品（广州）有限公司", "Demo Foods (Guangzhou) Co., Ltd.", "91990000MA0AE0015Y", "44019309KZ"),
)
CUSTOMS = (
    ("suzhou", "演示海关（苏州）", "Demo Customs (Suzhou)"),
    ("shenzhen", "演示海关（深圳）", "Demo Customs (Shenzhen)"),
    ("guangzhou", "演示海关（广州）", "Demo Customs (Guangzhou)"),
)

AT_A_BASE: dict[str, tuple[tuple[str, str, str, Role], ...]] = {
    "suzhou": (
        ("shen.zhixia", "沈知夏", "Shen Zhixia", Role.TRAINEE),
        ("cheng.yan", "程砚", "Cheng Yan", Role.TRAINEE),
        ("gu.mingyuan", "顾鸣远", "Gu Mingyuan", Role.TRAINEE),
        ("lu.wenjing", "陆文静", "Lu Wenjing", Role.INSTRUCTOR),
        ("fan.shaoqing", "范少卿", "Fan Shaoqing", Role.INSTRUCTOR),
        ("tang.ruolin", "唐若琳", "Tang Ruolin", Role.INVIGILATOR),
        ("xu.botao", "许伯涛", "Xu Botao", Role.INVIGILATOR),
        ("qin.xiaolan", "秦晓岚", "Qin Xiaolan", Role.BASE_ADMIN),
    ),
    "shenzhen": (
        ("jiang.nan", "姜南", "Jiang Nan", Role.TRAINEE),
        ("su.mu", "苏沐", "Su Mu", Role.TRAINEE),
        ("he.jiaqi", "何佳琪", "He Jiaqi", Role.TRAINEE),
        ("luo.haoran", "罗浩然", "Luo Haoran", Role.INSTRUCTOR),
        ("ye.zitong", "叶梓桐", "Ye Zitong", Role.INSTRUCTOR),
        ("deng.kewei", "邓可唯", "Deng Kewei", Role.INVIGILATOR),
        ("zeng.yifan", "曾一帆", "Zeng Yifan", Role.INVIGILATOR),
        ("huang.jingwen", "黄静雯", "Huang Jingwen", Role.BASE_ADMIN),
    ),
    "guangzhou": (
        ("liang.siyuan", "梁思源", "Liang Siyuan", Role.TRAINEE),
        ("ou.yifei", "欧一飞", "Ou Yifei", Role.TRAINEE),
        ("peng.xinyue", "彭心悦", "Peng Xinyue", Role.TRAINEE),
        ("mai.jianguo", "麦建国", "Mai Jianguo", Role.INSTRUCTOR),
        ("guan.lihua", "关丽华", "Guan Lihua", Role.INSTRUCTOR),
        ("lai.zhiming", "赖志明", "Lai Zhiming", Role.INVIGILATOR),
        ("feng.caixia", "冯彩霞", "Feng Caixia", Role.INVIGILATOR),
        ("zhong.weiqiang", "钟伟强", "Zhong Weiqiang", Role.BASE_ADMIN),
    ),
}
AT_ALL_BASES: tuple[tuple[str, str, str, Role], ...] = (
    ("wei.zhaoyang", "魏朝阳", "Wei Zhaoyang", Role.AUTHOR),
    ("tao.jingyi", "陶静仪", "Tao Jingyi", Role.REVIEWER),
    ("yan.kaifeng", "严凯风", "Yan Kaifeng", Role.RATER),
    ("shi.manqing", "石曼青", "Shi Manqing", Role.RATER),
    ("cui.ziang", "崔子昂", "Cui Ziang", Role.RATER),
    ("bai.yuchen", "白雨晨", "Bai Yuchen", Role.PROGRAMME_ADMIN),
    ("meng.tingyu", "孟庭玉", "Meng Tingyu", Role.PROGRAMME_ADMIN),
    ("fang.huaijin", "方怀瑾", "Fang Huaijin", Role.DECIDER),
    ("yu.bingqing", "俞冰清", "Yu Bingqing", Role.DECIDER),
    ("lei.songtao", "雷松涛", "Lei Songtao", Role.COORDINATOR),
    ("dai.shuyun", "戴书韵", "Dai Shuyun", Role.AUDITOR),
)
CONTACT = ("jin.hetang", "金荷塘", "Jin Hetang", Role.CONTACT)


@dataclass(frozen=True, slots=True)
class Account:
    """A demonstration account as it is shown to whoever tries the site."""

    username: str
    roles: tuple[str, ...]
    base: str | None

    def as_json(self) -> dict[str, object]:
        """The entry of demo-accounts.json."""
        return {"username": self.username, "password": PASSWORD, "roles": list(self.roles), "base": self.base}


def accounts_of_the_demonstration() -> list[Account]:
    """Every account that a demonstration has, in the order in which they are made."""
    return [
        *(Account(name, (role,), base) for base, people in AT_A_BASE.items() for name, _, _, role in people),
        *(Account(name, (role,), None) for name, _, _, role in (*AT_ALL_BASES, CONTACT)),
    ]


def people_of_the_demonstration(session: Session, now: datetime) -> list[Account]:
    """The accounts that were made: every role at least once, every two-person act possible."""
    firms, offices = _organisations(session, now)
    accounts = []
    number = 0
    for base, people in AT_A_BASE.items():
        for username, zh, en, role in people:
            number += 1
            trainee_of_firm = role is Role.TRAINEE and number % 2 == 1
            kind = "enterprise" if trainee_of_firm else "officer" if role is Role.TRAINEE else "staff"
            office = (firms if trainee_of_firm else offices)[base]
            entered = NewPerson(
                username, kind, zh, en, f"DEMO-{number:04d}", None, office if role is Role.TRAINEE else None, base
            )
            accounts.append(_account(session, entered, (role, base), now))
    for username, zh, en, role in AT_ALL_BASES:
        number += 1
        accounts.append(
            _account(session, NewPerson(username, "staff", zh, en, f"DEMO-{number:04d}"), (role, None), now)
        )
    username, zh, en, role = CONTACT
    contact = NewPerson(username, "enterprise", zh, en, None, None, firms["suzhou"])
    accounts.append(_account(session, contact, (role, None), now))
    return accounts


def _organisations(session: Session, now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    firms = {
        base: Organisation(
            kind="enterprise", name_zh=zh, name_en=en, uscc=uscc, customs_code=code, base_id=base, created_at=now
        )
        for base, zh, en, uscc, code in ENTERPRISES
    }
    offices = {
        base: Organisation(kind="customs", name_zh=zh, name_en=en, base_id=base, created_at=now)
        for base, zh, en in CUSTOMS
    }
    session.add_all([*firms.values(), *offices.values()])
    session.flush()
    return {base: firm.id for base, firm in firms.items()}, {base: office.id for base, office in offices.items()}


def _account(session: Session, entered: NewPerson, role: tuple[Role, str | None], now: datetime) -> Account:
    person: Person = add_person(session, entered, now)
    person.password_hash = HASHER.hash(PASSWORD)
    person.password_set_at = now
    give_role(session, person, role[0], role[1], now=now)
    return Account(person.username, (role[0].value,), role[1])
