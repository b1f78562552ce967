"""Settings: their defaults, their bounds with a sentence each, and the secret of an installation."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from training_app.config import BadSetting, Settings, secret_of

STRONG = "Vq3-eXaMple_of+32=random/chars!0a"


def settings(**environ: str) -> Settings:
    return Settings.from_environ(environ)


def test_defaults_are_those_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = settings()
    assert (found.port, found.data_dir, found.proxy_hops) == (8000, tmp_path / "var", 0)
    assert found.database_url == f"sqlite:///{tmp_path / 'var' / 'site.sqlite'}"
    assert (found.session_hours, found.secure_cookies, found.log_level) == (12, False, "INFO")


def test_the_readme_names_every_setting() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [field.name.upper() for field in fields(Settings)]
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert settings(PORT="", HOST="", SECRET_KEY="", LOG_LEVEL="") == settings()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("PORT", 1, 65535),
        ("PROXY_HOPS", 0, 5),
        ("WEB_WORKERS", 0, 64),
        ("WEB_THREADS", 1, 64),
        ("BACKLOG", 128, 65535),
        ("BACKPRESSURE", 16, 65535),
        ("SESSION_HOURS", 1, 168),
        ("FILES_MB", 1, 1_000_000),
        ("APPEAL_DAYS", 1, 365),
        ("MEDIA_PORT", 1, 65535),
        ("RECORDING_RESERVE_GB", 1, 100_000),
    ],
)
def test_a_number_is_taken_within_its_bounds_only(name: str, low: int, high: int) -> None:
    assert [getattr(settings(**{name: str(n)}), name.lower()) for n in (low, high)] == [low, high]
    for wrong in (str(low - 1), str(high + 1), "eight", "8.5", "-1", "٨", " 8", "9" * 5000):
        with pytest.raises(BadSetting, match=f"^{name} takes a whole number from {low} to {high}, not "):
            settings(**{name: wrong})


@pytest.mark.parametrize(("word", "meant"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("0", False)])
def test_yes_and_no_are_understood(word: str, meant: bool) -> None:
    assert settings(SECURE_COOKIES=word).secure_cookies is meant


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"^SECURE_COOKIES takes yes or no, not 'perhaps'\.$"):
        settings(SECURE_COOKIES="perhaps")


def test_a_log_level_of_another_name_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"^LOG_LEVEL takes one of INFO, DEBUG, WARNING, ERROR, not 'LOUD'"):
        settings(LOG_LEVEL="loud")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_name_of_postgresql_means_the_one_driver(scheme: str) -> None:
    found = settings(DATABASE_URL=f"{scheme}://u:p@h/n")
    assert found.database_url == "postgresql+psycopg://u:p@h/n" and not found.on_sqlite


@pytest.mark.parametrize(
    "url", ["mysql://h/n", "site.sqlite", "sqlite://", "sqlite:///", "sqlite:///:memory:", "postgresql://h:port/n", "x"]
)
def test_a_database_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match=r"^DATABASE_URL takes sqlite:///PATH or postgresql"):
        settings(DATABASE_URL=url)


def test_a_refused_database_url_is_not_repeated_with_its_password() -> None:
    with pytest.raises(BadSetting) as refusal:
        settings(DATABASE_URL="mysql://root:geheim@h/n")
    assert "geheim" not in str(refusal.value)


def test_the_media_process_listens_beside_the_site_unless_set() -> None:
    assert settings().media and not settings(MEDIA="no").media
    assert [settings(PORT=port).media_port for port in ("8210", "65535")] == [8211, 65534]
    assert settings(PORT="8210", MEDIA_PORT="9000").media_port == 9000


@pytest.mark.parametrize("origin", ["https://exam.base.example", "http://127.0.0.1:8001", "https://[fe80::1]:8444"])
def test_the_origin_of_the_media_process_is_taken_as_it_is(origin: str) -> None:
    assert settings(MEDIA_URL=origin).media_url == origin


@pytest.mark.parametrize(
    "wrong", ["exam.base.example", "https://a/media", "https://a;script-src", "ftp://a", "https://a:0", "https://a b"]
)
def test_what_is_no_origin_is_refused(wrong: str) -> None:
    with pytest.raises(BadSetting, match=r"^MEDIA_URL takes an address like https://"):
        settings(MEDIA_URL=wrong)


def test_addresses_for_streams_stand_with_commas_between_them() -> None:
    assert settings(MEDIA_ADDRESSES="10.1.2.3, fe80::1").media_addresses == ("10.1.2.3", "fe80::1")
    with pytest.raises(BadSetting, match=r"^MEDIA_ADDRESSES takes addresses with a comma"):
        settings(MEDIA_ADDRESSES="exam.base.example")


def test_sqlite_has_one_worker_whatever_is_set() -> None:
    assert settings(WEB_WORKERS="8").workers() == 1


def test_postgresql_has_a_worker_a_core_unless_set() -> None:
    url = "postgresql://h/n"
    assert settings(DATABASE_URL=url).workers() == os.cpu_count()
    assert settings(DATABASE_URL=url, WEB_WORKERS="3").workers() == 3


def test_a_demonstration_listens_on_loopback_and_a_real_site_everywhere() -> None:
    assert [settings().listening_host(demonstration=d) for d in (True, False)] == ["127.0.0.1", "0.0.0.0"]
    assert settings(HOST="10.1.2.3").listening_host(demonstration=True) == "10.1.2.3"


# the secret


@pytest.mark.parametrize("weak", ["short", "a" * 64, "abcabcabcabcabcabcabcabcabcabcabcabc", STRONG[:31]])
def test_a_weak_secret_is_refused_for_a_real_site(tmp_path: Path, weak: str) -> None:
    with pytest.raises(BadSetting, match=r"^SECRET_KEY is weak: it takes at least 32 random characters"):
        secret_of(settings(DATA_DIR=str(tmp_path), SECRET_KEY=weak), demonstration=False)


def test_a_demonstration_takes_any_secret(tmp_path: Path) -> None:
    assert secret_of(settings(DATA_DIR=str(tmp_path), SECRET_KEY="weak"), demonstration=True) == "weak"


def test_a_strong_secret_is_taken_and_not_kept(tmp_path: Path) -> None:
    assert secret_of(settings(DATA_DIR=str(tmp_path), SECRET_KEY=STRONG), demonstration=False) == STRONG
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    found = settings(DATA_DIR=str(tmp_path / "var"))
    first, second = (secret_of(found, demonstration=False) for _ in range(2))
    assert first == second and len(first) >= 32
    kept = tmp_path / "var" / "secret-key"
    assert kept.stat().st_mode & 0o777 == 0o600 and kept.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in kept.parent.iterdir()] == ["secret-key"]


def test_all_who_start_at_once_read_the_same_secret(tmp_path: Path) -> None:
    found = settings(DATA_DIR=str(tmp_path / "var"))
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: secret_of(found, demonstration=False), range(64)))
    assert len(secrets) == 1


def test_an_empty_file_of_the_secret_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    with pytest.raises(BadSetting, match="secret-key is empty: delete it and start again, or set SECRET_KEY"):
        secret_of(settings(DATA_DIR=str(tmp_path)), demonstration=False)
