from pathlib import Path

import pytest

from ayni.wire.clock import ClockNotAllowed
from ayni.wire.settings import SETTINGS, Environment, SettingError

PORTS = ["", "0", "65536", "-1", "80a", "8.0"]
SECONDS = ["0", "-1", "soon", "nan", "inf"]
ADDRESSES = ["host", ":2575", "host:", "host:abc", "host:0", "host:99999"]


def test_every_start_value_can_be_used() -> None:
    environment = Environment({})
    for setting in SETTINGS:
        if setting.name.endswith("_PORT"):
            assert environment.port(setting.name) == int(setting.default)
        if "_SECONDS" in setting.name:
            assert environment.seconds(setting.name) == float(setting.default)
    assert environment.processing_id() == "T"
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


@pytest.mark.parametrize("value", PORTS[1:])
def test_a_bad_port_names_its_setting(value: str) -> None:
    with pytest.raises(SettingError, match=r"AYNI_QHALI_PORT=.*1 to 65535"):
        Environment({"AYNI_QHALI_PORT": value}).port("AYNI_QHALI_PORT")


@pytest.mark.parametrize("value", SECONDS)
def test_a_bad_number_of_seconds_names_its_setting(value: str) -> None:
    with pytest.raises(SettingError, match="AYNI_ANSWER_SECONDS="):
        Environment({"AYNI_ANSWER_SECONDS": value}).seconds("AYNI_ANSWER_SECONDS")


@pytest.mark.parametrize("value", ADDRESSES)
def test_a_bad_address_names_its_setting(value: str) -> None:
    with pytest.raises(SettingError, match=r"AYNI_ENGINE_MLLP=.*host:port"):
        Environment({"AYNI_ENGINE_MLLP": value}).address("AYNI_ENGINE_MLLP")


@pytest.mark.parametrize("value", ["qhali.local", "127.0.0.1:8001", "ftp://qhali.local", "//qhali.local"])
def test_a_bad_web_address_names_its_setting(value: str) -> None:
    with pytest.raises(SettingError, match=r"AYNI_QHALI_FHIR_URL=.*http"):
        Environment({"AYNI_QHALI_FHIR_URL": value}).url("AYNI_QHALI_FHIR_URL")


@pytest.mark.parametrize("value", ["t", "X", "TP", " "])
def test_traffic_is_test_or_production(value: str) -> None:
    environment = Environment({"AYNI_PROCESSING_ID": value})
    for read in (environment.processing_id, environment.clock):
        with pytest.raises(SettingError, match="AYNI_PROCESSING_ID="):
            read()


def test_the_clock_setting_is_refused_with_real_traffic(tmp_path: Path) -> None:
    with pytest.raises(ClockNotAllowed):
        Environment({"AYNI_CLOCK": str(tmp_path / "c"), "AYNI_PROCESSING_ID": "P"}).clock()


def test_a_channel_may_name_settings_and_variables_of_its_own() -> None:
    environment = Environment({"LAB_HOST": "lab.local", "AYNI_ENGINE_MLLP_PORT": "9002"})
    assert environment.expand("${LAB_HOST}:${AYNI_ENGINE_MLLP_PORT}/${x}") == "lab.local:9002/${x}"
    with pytest.raises(SettingError, match="LAB_PORT is not set"):
        environment.expand("${LAB_PORT}")


def test_no_setting_is_hidden() -> None:
    with pytest.raises(KeyError):
        Environment({"AYNI_SECRET": "x"}).text("AYNI_SECRET")


def test_addresses_follow_from_the_ports() -> None:
    environment = Environment(
        {"AYNI_QHALI_PORT": "9001", "AYNI_ENGINE_MLLP_PORT": "9002", "AYNI_VAR": "/tmp/v"}
    )
    assert environment.url("AYNI_QHALI_FHIR_URL") == "http://127.0.0.1:9001"
    assert environment.address("AYNI_ENGINE_MLLP") == ("127.0.0.1", 9002)
    assert environment.token_file("AYNI_QHALI_TO_ENGINE_TOKEN_FILE") == Path("/tmp/v/tokens/qhali-to-engine")
    given = Environment({"AYNI_ENGINE_MLLP": "engine.local:2576"})
    assert given.address("AYNI_ENGINE_MLLP") == ("engine.local", 2576)
