"""What the comparison with peers computes: figures, who is ahead, the page. No server is started."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from bench.compiling import compiled
from bench.peers import page
from bench.peers.figures import Line, lines_of
from bench.peers.measured import Campaign, Measured, Skip, Spread, ratio, spread_of
from bench.peers.plot import Mark, Panel, decades, dot_plot
from bench.peers.scenarios import OURS, SCENARIOS, SETTINGS, STARTS

SVG = "{http://www.w3.org/2000/svg}"


def saturated(system: str, turn: int, cpu: float, delivered: int = 1_000_000) -> Measured:
    spent = {"server": cpu * 0.75, "database": cpu * 0.25}
    return Measured(system, "directory_200", "saturated", turn, units=5_000, delivered=delivered, seconds=2, cpu=spent)


def line(lines: list[Line], title: str) -> Line:
    [found] = [each for each in lines if each.figure.title == title]
    return found


CPU, RATE = "CPU for each delivered change, as many as it can", "changes a second, as many as it can"


def test_the_middle_of_the_turns_is_told_with_the_least_and_the_most() -> None:
    assert spread_of([5.0, 1.0, 3.0]) == Spread(3.0, 1.0, 5.0)
    assert spread_of([]) is None


def test_a_ratio_is_taken_within_each_turn_so_that_a_slow_minute_hits_both() -> None:
    assert ratio({0: 10.0, 1: 40.0, 2: 9.0}, {0: 5.0, 1: 20.0, 2: 3.0}) == 2.0
    assert ratio({0: 10.0}, {1: 5.0}) is None


def test_everything_that_belongs_to_a_server_is_charged_to_it() -> None:
    lines = lines_of(Campaign("a machine", {}, [saturated(OURS, 0, cpu=2.0), saturated("ejabberd", 0, cpu=30.0)]))
    cells = line(lines, CPU).cells
    assert cells[OURS].figure.middle == pytest.approx(2.0)
    assert cells["ejabberd"].figure.middle == pytest.approx(30.0)
    assert cells[OURS].times is None
    assert cells["ejabberd"].times == pytest.approx(15.0)


def test_who_is_ahead_is_told_in_the_table_and_below_it() -> None:
    quick = Measured("Socket.IO", "directory_200", "saturated", 0, units=9_000, delivered=1_000_000, seconds=2,
                     cpu={"server": 1.0})  # fmt: skip
    campaign = Campaign("a machine", {}, [saturated(OURS, 0, cpu=2.0), saturated("Prosody", 0, cpu=9.0), quick])
    lines = lines_of(campaign)
    assert line(lines, CPU).ahead() == ["Socket.IO"]
    assert line(lines, RATE).ahead() == ["Socket.IO"]  # where more is better
    told = page.section(campaign)
    assert "| **1** (0.5 x) |" in told
    assert "Socket.IO 1 us; we 2." in told
    assert "Prosody 9" not in told.partition("Others are ahead here:")[2].partition("![")[0]


def test_the_physical_limit_is_ahead_of_nobody() -> None:
    measured = [
        Measured(system, "fan_out", "paced", 0, units=8, delivered=8_000, seconds=4, cpu={"server": cpu}, p50=900)
        for system, cpu in ((OURS, 0.08), ("send() in C", 0.04))
    ]
    assert "In none of these is anybody ahead." in page.section(Campaign("a machine", {}, measured))


def test_turns_that_others_disturbed_are_left_out_where_there_is_a_quiet_one_and_told_of_where_not() -> None:
    quiet = msgspec.structs.replace(saturated(OURS, 0, cpu=2.0), others=0.1)
    loud = msgspec.structs.replace(saturated(OURS, 1, cpu=9.0), others=1.2)
    cells = line(lines_of(Campaign("a machine", {}, [quiet, loud])), CPU).cells
    assert cells[OURS].figure == Spread(2.0, 2.0, 2.0)
    told = page.section(Campaign("a machine", {}, [loud]))
    assert "only its ratios say much: 200 people who see each other (1.2 processors)." in told
    assert "only its ratios" not in page.section(Campaign("a machine", {}, [quiet]))


def test_who_was_not_measured_is_told_with_the_reason() -> None:
    told = page.section(Campaign("a machine", {}, [saturated(OURS, 0, 2.0)], [Skip("nchan", "there is no nginx")]))
    assert "* Not measured: nchan: there is no nginx" in told


def test_a_newer_run_replaces_the_scenarios_it_played_and_keeps_the_others() -> None:
    before = Campaign(
        "old", {"nchan": "1"}, [saturated(OURS, 0, 2.0), Measured(OURS, "idle", "memory", 0)], [Skip("nchan", "gone")]
    )
    both = before.merged_with(Campaign("new", {"ejabberd": "2"}, [saturated(OURS, 0, 3.0)]))
    assert [each.scenario for each in both.measured] == ["idle", "directory_200"]
    assert both.measured[1].cpu["server"] == pytest.approx(2.25)
    assert both.versions == {"nchan": "1", "ejabberd": "2"}
    assert both.skipped == [Skip("nchan", "gone")]


def test_every_server_of_a_scenario_can_be_started_and_tells_how_it_was_run() -> None:
    assert {system for scenario in SCENARIOS.values() for system in scenario.systems} == set(STARTS) == set(SETTINGS)


def test_only_the_part_between_the_marks_of_the_page_is_replaced() -> None:
    old = f"before\n{page.BEGIN}\n\nold\n{page.END}\nafter\n"
    assert page.replaced(old, "new") == f"before\n{page.BEGIN}\n\nnew\n{page.END}\nafter\n"
    with pytest.raises(ValueError, match="no marks"):
        page.replaced("nothing", "new")
    page.replaced(page.PAGE.read_text("utf-8"), "")  # the real one has them


@pytest.mark.parametrize(
    ("least", "most", "expected"), [(2.0, 300.0, (0, 3)), (10.0, 10.0, (1, 2)), (0.02, 0.9, (-2, 0))]
)
def test_a_scale_goes_from_one_power_of_ten_to_another(least: float, most: float, expected: tuple[int, int]) -> None:
    assert decades(least, most) == expected


def test_a_plot_has_every_server_in_its_place() -> None:
    marks = [Mark("ours & <so> on", 2.0, 1.5, 3.0, is_ours=True), Mark("another", 200.0, 200.0, 900.0)]
    drawn = dot_plot("Title", [Panel("Panel", "us", marks), Panel("Nobody", "us", [])])
    root = ET.fromstring(drawn)  # noqa: S314  (ours)
    assert root.get("viewBox", "").split()[2] == "760"
    [ours, other] = root.iter(f"{SVG}g")
    assert [each.get("class") for each in (ours, other)] == ["ours", "other"]
    assert [text.text for text in ours.iter(f"{SVG}text")] == ["ours & <so> on", "2"]
    assert [text.text for text in other.iter(f"{SVG}text")] == ["another", "200.0 to 900.0"]
    assert "Nobody" not in drawn

    def places(of: ET.Element) -> tuple[float, float, float]:
        [spread], [dot] = of.iter(f"{SVG}line"), of.iter(f"{SVG}circle")
        return float(spread.get("x1", "")), float(dot.get("cx", "")), float(spread.get("x2", ""))

    assert places(ours) == tuple(sorted(places(ours)))
    assert places(ours)[2] < places(other)[0]
    grid = [float(each.get("x1", "")) for each in root.iter(f"{SVG}line") if each.get("class") == "grid"]
    assert len(grid) == 4  # 1, 10, 100, 1,000
    assert grid[1] - grid[0] == pytest.approx(grid[3] - grid[2], abs=0.2)
    assert min(grid) <= min(places(ours))
    assert max(grid) >= max(places(other))


def test_a_plot_is_readable_on_light_and_on_dark_pages() -> None:
    drawn = dot_plot("Title", [Panel("Panel", "us", [Mark("a", 1.0, 1.0, 1.0)])])
    light, dark = drawn.split("@media (prefers-color-scheme: dark)")
    for named in ("text", ".page", ".dot", ".grid", ".axis"):
        assert re.search(rf"{re.escape(named)}\b.*(fill|stroke)", light)
        assert re.search(rf"{re.escape(named)}\b.*(fill|stroke)", dark)


def test_the_kept_figures_make_the_plots_that_are_in_the_documentation(tmp_path: Path) -> None:
    kept = page.kept()
    assert kept is not None
    assert page.section(kept) in page.PAGE.read_text("utf-8")
    page.draw(kept, tmp_path)
    drawn = sorted(tmp_path.iterdir())
    assert [path.name for path in drawn] == ["peers-cpu.svg", "peers-delay.svg", "peers-memory.svg"]
    for path in drawn:
        assert path.read_text("utf-8") == (page.IMAGES / path.name).read_text("utf-8")


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler on this machine")
def test_the_load_counts_every_delivery_of_the_program_that_only_sends(tmp_path: Path) -> None:
    limit = compiled("limit", tmp_path, package="bench.peers.programs")
    load = compiled("load", tmp_path, package="bench.peers.programs", also=["protocols"])
    answers = []
    with subprocess.Popen([limit, "20", "0"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        command = [str(load), "plain", "fan", server.stdout.readline().strip(), "20"]
        try:
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crowd:
                assert crowd.stdin is not None
                assert crowd.stdout is not None
                for order in ("login 20 5 30", "saturated 2 0.2", "paced 100 0.1"):
                    crowd.stdin.write(order + "\n")
                    crowd.stdin.flush()
                    answers.append(json.loads(crowd.stdout.readline()))
            server.wait(30)
        finally:
            server.kill()
    # The clients left at the end of their input, and the server when its publisher left.
    assert (crowd.returncode, server.returncode) == (0, 0)
    login, many, paced = answers
    assert (login["sent"], login["failed"]) == (20, 0)
    assert many["sent"] >= 2
    assert many["delivered"] == many["expected"] == many["sent"] * 20
    assert (paced["sent"], paced["delivered"]) == (10, 200)
    assert 0 < paced["p50"] <= paced["p99"] <= paced["worst"] * 1.02
