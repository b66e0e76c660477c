"""The environment becomes settings, or an error that names the variable."""

from pathlib import Path

import msgspec
import pytest

import settings
from settings import SettingError, Settings


def test_an_empty_environment_is_a_complete_configuration() -> None:
    loaded = settings.load({})
    assert (loaded.host, loaded.port, loaded.log_level, loaded.log_format) == ("127.0.0.1", 8000, "info", "auto")
    assert loaded.needs_embedded_servers


def test_each_process_gets_a_gateway_id_of_its_own() -> None:
    assert settings.load({}).gateway_id != settings.load({}).gateway_id


def test_conventional_names_are_read_without_and_own_names_with_our_prefix() -> None:
    loaded = settings.load({"PORT": "9000", "PRESENCE_GATEWAY_ID": "left", "GATEWAY_ID": "ignored"})
    assert (loaded.port, loaded.gateway_id) == (9000, "left")


def test_an_empty_variable_counts_as_unset() -> None:
    assert settings.load({"PORT": "", "DATABASE_URL": " "}).port == 8000


def test_lists_are_separated_by_commas() -> None:
    loaded = settings.load({"PRESENCE_ALLOWED_ORIGINS": "https://a.example, https://b.example:8443,"})
    assert loaded.allowed_origins == ("https://a.example", "https://b.example:8443")


def test_a_level_may_be_written_in_capitals() -> None:
    assert settings.load({"LOG_LEVEL": "WARNING"}).log_level == "warning"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://db/presence"),
        ("DATABASE_URL", "postgresql://"),
        ("REDIS_URL", "localhost:6379"),
        ("PRESENCE_PUBLIC_URL", "chat.example.com"),
        ("PRESENCE_PUBLIC_URL", "https://chat.example.com/?a=b"),
        ("PRESENCE_ALLOWED_ORIGINS", "https://a.example,b.example"),
        ("PRESENCE_ALLOWED_ORIGINS", "https://a.example/path"),
        ("PRESENCE_GATEWAY_ID", "two words"),
        ("PRESENCE_SEALING_KEYS", "c2hvcnQ="),
        ("PRESENCE_SEALING_KEYS", "A" * 43 + "=,not base64"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{variable}: ") as refused:
        settings.load({variable: value})
    assert refused.value.variable == variable


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(SettingError) as refused:
        settings.load({"DATABASE_URL": "mysql://admin:hunter2@db/presence"})
    assert "hunter2" not in str(refused.value)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://user:secret@db/presence\n")
    assert settings.load({"DATABASE_URL_FILE": str(file)}).database_url == "postgresql://user:secret@db/presence"


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="given twice"):
        settings.load({"REDIS_URL": "redis://one", "REDIS_URL_FILE": str(tmp_path / "two")})


def test_a_secret_file_which_is_missing_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"^PRESENCE_METRICS_TOKEN_FILE: cannot read"):
        settings.load({"PRESENCE_METRICS_TOKEN_FILE": str(tmp_path / "missing")})


def test_misspelt_variables_are_found() -> None:
    environ = {"PRESENCE_PUBLIC_ULR": "x", "PRESENCE_PUBLIC_URL": "x", "PRESENCE_PG_BIN": "x", "OTHER": "x"}
    assert settings.unknown_variables(environ) == ["PRESENCE_PUBLIC_ULR"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://user:pa:ss@db:5432/x", "postgresql://user:********@db:5432/x"),
        ("redis://:p@ss@cache/0", "redis://:********@cache/0"),
        ("redis://cache/0", "redis://cache/0"),
        ("postgresql://db/x?user=u&password=p&port=1", "postgresql://db/x?user=u&password=********&port=1"),
    ],
)
def test_addresses_are_shown_without_their_passwords(address: str, shown: str) -> None:
    assert settings.mask_url(address) == shown


def test_the_description_names_every_setting_and_shows_no_secret() -> None:
    described = dict(
        settings.describe(
            settings.load(
                {
                    "PRESENCE_METRICS_TOKEN": "hunter2",
                    "PRESENCE_SEALING_KEYS": "hunter2" + "A" * 36 + "=",
                    "REDIS_URL": "redis://:hunter2@cache/0",
                    "PRESENCE_DATA_DIR": "~/data",
                }
            )
        )
    )
    assert "hunter2" not in str(described)
    assert described["PRESENCE_SEALING_KEYS"] == "********"
    assert described["PRESENCE_DATA_DIR"] == str(Path.home() / "data")
    assert len(described) == len(msgspec.structs.fields(Settings))
