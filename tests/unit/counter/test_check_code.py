"""`check-code`: one line for each code, whatever it holds, and 1 where one was refused."""

import io
import json
import sys

import pytest

from urs_desktop.desktop import main


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.endswith("\n")
    return captured.out[:-1].split("\n")


def test_codes_that_hold_a_gtin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-code", "4600697906867", "04252614", "2112345012506"]) == 0
    assert lines(capsys) == ["4600697906867", "042100005264", "2112345012506"]


@pytest.mark.parametrize(
    "code",
    [
        "4600697906868",
        "460069790686",
        "46006979068671",
        "1234567",
        "4" * 100,
        "",
        " ",
        "4600697 906867",
        "46006979O6867",
        "\uff14\uff16\uff10\uff10\uff16\uff19\uff17\uff19\uff10\uff16\uff18\uff16\uff17",
        "\ufeff4600697906867",
        "46006979\n06867",
        "46006979\x1b[2J06867",
        "4600697906867\x00",
        "4600697906867\u2028",
        "\udcff4600697906867",
        "(01)09521234543214",
        "(01)09521234543213(17)999999",
        "(98)09521234543213",
        "(00)106141412345678908",
        "https://id.gs1.org/01/09521234543214",
        "https://id.gs1.org/414/9521234543213",
        "https://example.com/",
    ],
)
def test_what_holds_none_is_told_in_a_line_of_its_own(capsys: pytest.CaptureFixture[str], code: str) -> None:
    status = main(["check-code", code])
    said = lines(capsys)
    assert (status, len(said)) == (1, 1)
    assert said[0].isprintable()
    assert said[0].endswith(".")


def test_from_standard_input_one_code_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = b"4600697906867\r\n10ABC\x1d0109521234543213\nabc\xff\n\n46006979\r06867\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
    assert main(["check-code", "-"]) == 1
    said = lines(capsys)
    assert said[:2] == ["4600697906867", "9521234543213"]
    assert [line.endswith(".") for line in said[2:]] == [True] * 3


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-code", "--json", "4600697906868"]) == 1
    (line,) = lines(capsys)
    answer = json.loads(line)
    assert (answer["code"], answer["gtin"]) == ("4600697906868", None)
    assert "should be 7" in answer["reason"]
