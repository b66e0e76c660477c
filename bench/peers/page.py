"""The part of docs/benchmarks.md that tells of peers: the table, where we lose, the plots, how each was configured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec

from bench.peers.figures import Cell, Line, disturbance, lines_of, milliseconds
from bench.peers.measured import QUIET, Campaign, Measured, undisturbed
from bench.peers.plot import Mark, Panel, dot_plot
from bench.peers.scenarios import OURS, SCENARIOS, SETTINGS, STARTS
from bench.report import number

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "benchmarks-peers.json"
PAGE = ROOT / "docs" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images"
BEGIN = "<!-- from here to the end mark written by: python3 dev.py bench peers --write -->"
END = "<!-- end of what is written by bench peers -->"


def section(campaign: Campaign) -> str:
    """Markdown, without the marks."""
    lines = lines_of(campaign)
    busy = max((each.busy for each in campaign.measured), default=0)
    told = f"{campaign.machine}. The clients' process had something to do for at most {busy:.0%} of any phase."
    parts = [told, *_disturbed(campaign), table(lines), *_lost(lines), *_skipped(campaign)]
    parts += [f"![{plot_title}](images/{name}.svg)" for name, (plot_title, _) in _plots(campaign).items()]
    parts.append(_settings(campaign))
    return "\n\n".join(parts) + "\n"


def replaced(page: str, new: str) -> str:
    """The page with its part between the marks replaced. Raises ValueError where a mark is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no marks for what is written")
    return f"{before}{BEGIN}\n\n{new}\n{END}{after}"


def kept(file: Path = KEPT) -> Campaign | None:
    """What was written there last; None if there is no such file."""
    return msgspec.json.decode(file.read_bytes(), type=Campaign) if file.exists() else None


def keep(campaign: Campaign, file: Path = KEPT) -> None:
    file.write_bytes(msgspec.json.format(msgspec.json.encode(campaign), indent=1) + b"\n")


def write(campaign: Campaign) -> None:
    """The figures, the plots and the page."""
    keep(campaign)
    draw(campaign, IMAGES)
    PAGE.write_text(replaced(PAGE.read_text("utf-8"), section(campaign)), "utf-8")


def draw(campaign: Campaign, folder: Path) -> None:
    for name, (title, panels) in _plots(campaign).items():
        (folder / f"{name}.svg").write_text(dot_plot(title, panels), "utf-8")


def table(lines: Sequence[Line]) -> str:
    """Everything that was measured; better than ours is bold."""
    systems = [system for system in STARTS if any(system in line.cells for line in lines)]
    rows = ["| | " + " | ".join(systems) + " |", "| --- |" + " --- |" * len(systems)]
    scenario = ""
    for line in lines:
        if line.figure.scenario != scenario:
            scenario = line.figure.scenario
            rows.append(f"| **{SCENARIOS[scenario].title}** |" + " |" * len(systems))
        ahead = line.ahead()
        cells = [_cell(line.cells.get(system), is_ahead=system in ahead) for system in systems]
        rows.append(f"| {line.figure.title}, {line.figure.unit} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cell(cell: Cell | None, *, is_ahead: bool) -> str:
    if cell is None:
        return ""
    figure = number(cell.figure.middle)
    times = "" if cell.times is None else f" ({number(cell.times)} x)"
    return f"**{figure}**{times}" if is_ahead else f"{figure}{times}"


def _lost(lines: Sequence[Line]) -> list[str]:
    """Where somebody is ahead of us, said in so many words."""
    lost = [
        f"* {SCENARIOS[line.figure.scenario].title}, {line.figure.title}: "
        + ", ".join(f"{name} {number(line.cells[name].figure.middle)}" for name in line.ahead())
        + f" {line.figure.unit}; we {number(line.cells[OURS].figure.middle)}."
        for line in lines
        if line.ahead()
    ]
    return ["Others are ahead here:", "\n".join(lost)] if lost else ["In none of these is anybody ahead."]


def _disturbed(campaign: Campaign) -> list[str]:
    """Absolute figures of a busy machine mislead; ratios within a turn do not."""
    found = {scenario.title: disturbance(campaign, name) for name, scenario in SCENARIOS.items()}
    told = [f"{title} ({used:.1f} processors)" for title, used in found.items() if used >= QUIET]
    if not told:
        return []
    return [f"Other work went on while this was measured, so that only its ratios say much: {', '.join(told)}."]


def _skipped(campaign: Campaign) -> list[str]:
    told = [f"* Not measured: {each.system}: {each.reason}" for each in campaign.skipped]
    return ["\n".join(told)] if told else []


def _settings(campaign: Campaign) -> str:
    rows = ["| | version | as it was run |", "| --- | --- | --- |"]
    rows += [f"| {name} | {campaign.versions.get(name, '')} | {told} |" for name, told in SETTINGS.items()]
    return "\n".join(rows)


def _plots(campaign: Campaign) -> Mapping[str, tuple[str, list[Panel]]]:
    lines = {(line.figure.scenario, line.figure.title): line for line in lines_of(campaign)}

    def panel(scenario: str, title: str, unit: str, told: str) -> Panel:
        line = lines.get((scenario, title))
        return Panel(f"{SCENARIOS[scenario].title}: {told}", unit, _marks(line) if line else [])

    each, many = "CPU for each delivered change, as many as it can", "CPU for each delivery, as many as it can"
    return {
        "peers-cpu": (
            "CPU of everything that belongs to a server",
            [
                panel("directory_500", each, "microseconds", "each change seen by each"),
                panel("directory_500", "everybody logs in: CPU for each", "milliseconds", "each login"),
                panel("chat_kept", "CPU for each, as many as it can", "microseconds", "each message"),
                panel("fan_out", many, "microseconds", "each delivery"),
            ],
        ),
        "peers-delay": (
            "Delay, median to 99 of 100",
            [_delays(campaign, name) for name in ("directory_500", "chat_kept", "fan_out")],
        ),
        "peers-memory": (
            "Memory of a connection that only stays",
            [
                panel("idle", "memory for each", "KiB", "each"),
                panel("directory_500", "memory for each", "KiB", "each"),
                panel("fan_out", "memory for each", "KiB", "each"),
            ],
        ),
    }


def _marks(line: Line) -> list[Mark]:
    return sorted(
        (
            Mark(name, cell.figure.middle, cell.figure.least, cell.figure.most, name == OURS)
            for name, cell in line.cells.items()
            if cell.figure.least > 0
        ),
        key=lambda mark: mark.dot,
    )


def _delays(campaign: Campaign, scenario: str) -> Panel:
    playing = SCENARIOS[scenario]
    marks = []
    for system in playing.systems:
        phases = [
            each
            for each in campaign.measured
            if (each.system, each.scenario, each.phase) == (system, scenario, "paced")
        ]
        if phases:
            half, nearly_all = (_middle_of(undisturbed(phases), name) for name in ("p50", "p99"))
            marks.append(Mark(system, half, half, nearly_all, system == OURS))
    title = f"{playing.title}, {playing.rate:.0f} a second"
    return Panel(title, "milliseconds", sorted(marks, key=lambda mark: mark.dot))


def _middle_of(phases: Sequence[Measured], name: str) -> float:
    return float(median(map(milliseconds(name), phases)))
