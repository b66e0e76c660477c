"""dev.py on machines that are not like ours: old Python, no uv, a uv that fails, a checkout of somebody else.

The programs it starts are stand-ins that write down how they were called; nothing is fetched.
"""

import ast
import os
import shutil
import stat
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

import dev

CHECKOUT = Path(__file__).parents[2]

# Makes what the real one would make, as far as dev.py looks at it.
UV = """
    if [ "$1" = --version ]; then exit 0; fi
    echo "uv $*" >> "$CALLS"
    if [ "$1" = venv ]; then
        for place; do :; done
        mkdir -p "$place/bin" && ln -sf "$REAL_PYTHON" "$place/bin/python"
    fi
"""


class Machine:
    """A checkout with a dev.py and an environment in which it runs."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "programs"
        self.caches = folder / "caches"
        self.calls_file = folder / "calls"
        for each in (self.checkout / "cli", self.programs, self.caches):
            each.mkdir(parents=True)
        self.calls_file.touch()
        shutil.copy(CHECKOUT / "dev.py", self.checkout)
        (self.checkout / dev.RUNTIME).write_text("# nothing\n")
        (self.checkout / dev.DEVELOPMENT).write_text("# nothing more\n")
        for module in ("cli/main.py", "pytest.py"):
            (self.checkout / module).write_text("import sys\nprint('started', *sys.argv[1:])\n")

    def install(self, program: str, script: str) -> None:
        path = self.programs / program
        path.write_text("#!/bin/sh\n" + textwrap.dedent(script))
        path.chmod(0o755)

    def install_interpreter(self, script: str) -> None:
        """Something to stand for the environment's Python, as if an environment was made before."""
        self.install("python", script)
        (self.checkout / ".dev/venv/bin").mkdir(parents=True)
        (self.checkout / ".dev/venv/bin/python").symlink_to(self.programs / "python")

    def environment(self) -> Mapping[str, str]:
        return {
            "PATH": f"{self.programs}:{os.defpath}",
            "CALLS": str(self.calls_file),
            "REAL_PYTHON": sys.executable,
            "XDG_CACHE_HOME": str(self.caches),
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(self.checkout / "dev.py"), *arguments],
            cwd="/",
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def dev(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.install("uv", UV)
    return made


def test_an_old_python_understands_the_file() -> None:
    source = (CHECKOUT / "dev.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 0), (("--help",), 0), (("help",), 0), (("fly",), 2)],
    ids=["none", "--help", "help", "fly"],
)
def test_without_a_known_verb_it_lists_them(machine: Machine, arguments: tuple[str, ...], code: int) -> None:
    finished = machine.dev(*arguments)
    assert finished.returncode == code
    assert all(
        f"\n  {verb} " in finished.stdout for verb in ("run", "simulate", "test", "check", "generate", "bench", "lock")
    )
    assert ("fly" in finished.stderr) == (code == 2)


def test_run_makes_the_environment_and_starts_the_demo(machine: Machine) -> None:
    finished = machine.dev("run", "--port", "9000")
    assert finished.stdout.splitlines()[-1] == "started serve --demo --port 9000"
    made, synchronised = machine.calls()
    assert made.startswith("uv venv ")
    assert synchronised.startswith("uv pip sync ")
    assert synchronised.endswith(dev.RUNTIME)
    assert "--require-hashes" in synchronised


def test_a_warm_start_asks_nobody(machine: Machine) -> None:
    machine.dev("run")
    before = machine.calls()
    finished = machine.dev("run")
    assert finished.stdout.splitlines() == ["started serve --demo"]
    assert finished.stderr == ""
    assert machine.calls() == before


def test_test_passes_its_arguments_to_pytest(machine: Machine) -> None:
    finished = machine.dev("test", "-k", "colour")
    assert finished.stdout.startswith("started -o cache_dir=")
    assert finished.stdout.endswith(" -k colour\n")
    assert machine.calls()[-1].endswith(dev.DEVELOPMENT)


def test_who_can_test_can_also_run(machine: Machine) -> None:
    machine.dev("test")
    before = machine.calls()
    machine.dev("run")
    assert machine.calls() == before


def test_changed_requirements_are_installed(machine: Machine) -> None:
    machine.dev("run")
    (machine.checkout / dev.RUNTIME).write_text("# other\n")
    before = len(machine.calls())
    machine.dev("run")
    assert [call.split()[1:3] for call in machine.calls()[before:]] == [["pip", "sync"]]


def test_an_environment_whose_python_was_replaced_is_made_anew(machine: Machine) -> None:
    machine.dev("run")
    interpreter = machine.checkout / ".dev/venv/bin/python"
    interpreter.unlink()
    interpreter.symlink_to("/bin/sh")
    machine.dev("run")
    assert interpreter.resolve() == Path(sys.executable).resolve()


def test_a_failed_installation_is_repeated(machine: Machine) -> None:
    machine.install("uv", '[ "$1" = --version ]')
    machine.install_interpreter('[ "$1 $2 $3" != "-m pip install" ]')
    failed = machine.dev("run")
    assert failed.returncode == 1
    assert "could not be made" in failed.stderr
    machine.install("uv", UV)
    machine.dev("run")
    assert machine.calls()[-1].startswith("uv pip sync ")


def test_two_at_once_make_one_environment(machine: Machine) -> None:
    machine.install("uv", UV + '\n    [ "$1" = venv ] && sleep 0.5 || true\n')
    with machine.start("run") as one, machine.start("run") as other:
        outputs = [process.communicate()[0] for process in (one, other)]
    assert [output.splitlines()[-1] for output in outputs] == ["started serve --demo"] * 2
    assert len(machine.calls()) == 2


def test_where_uv_fails_pip_takes_over(machine: Machine) -> None:
    machine.install("uv", '[ "$1" = --version ]')
    machine.install_interpreter('echo "python $*" >> "$CALLS"')
    finished = machine.dev("run")
    assert "pip takes a little longer" in finished.stderr
    assert machine.calls() == [
        "python -m pip --version",
        f"python -m pip install --quiet --require-hashes --no-deps -r {dev.RUNTIME}",
        "python -m cli.main serve --demo",
    ]


def test_settings_of_pip_reach_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in dev.UV_NAMES_OF_PIP_SETTINGS.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "file:///index")
    monkeypatch.setenv("PIP_CERT", "/certificates")
    variables = dev.for_uv()
    assert variables["UV_DEFAULT_INDEX"] == "file:///index"
    assert variables["SSL_CERT_FILE"] == "/certificates"
    assert variables["UV_PYTHON_DOWNLOADS"] == "never"
    assert variables["UV_SYSTEM_CERTS"] == "1"


def test_what_is_set_for_uv_counts_more_than_what_is_set_for_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "file:///pip")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "file:///uv")
    assert dev.for_uv()["UV_DEFAULT_INDEX"] == "file:///uv"


def test_a_checkout_which_is_not_ours_stays_untouched(machine: Machine) -> None:
    if os.geteuid() == 0:
        shutil.chown(machine.checkout, "nobody")
        reason = "belongs to another user"
    else:
        machine.checkout.chmod(0o555)
        reason = "cannot be written"
    finished = machine.dev("run")
    assert finished.stdout.splitlines()[-1] == "started serve --demo"
    assert reason in finished.stderr
    assert str(machine.caches) in finished.stderr
    assert not (machine.checkout / ".dev").exists()
    (home,) = machine.caches.iterdir()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_programs_prepared_by_somebody_else_are_not_run(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "CHECKOUT", str(machine.checkout))
    monkeypatch.setattr(dev, "why_not_ours", lambda _folder: "it is not ours")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(dev.Failed, match="set XDG_CACHE_HOME"):
        dev.home_of_environment()


def test_an_old_python_hands_over_to_a_newer_one_that_works(machine: Machine) -> None:
    machine.install("python3.14", "exit 127")
    machine.install("python3.13", '[ "$1" = -c ] || echo "python3.13 $*"')
    finished = as_old_python(machine, "run", "--port", "1")
    assert finished.stdout == f"python3.13 {machine.checkout}/dev.py run --port 1\n"


def test_an_old_python_without_a_newer_one_is_told_so_in_one_line(machine: Machine) -> None:
    finished = as_old_python(machine, "run", path=str(machine.programs))
    assert finished.returncode == 1
    assert "needs Python 99.0 or newer" in finished.stderr
    assert finished.stderr.count("\n") == 1


def as_old_python(machine: Machine, *arguments: str, path: str | None = None) -> "subprocess.CompletedProcess[str]":
    code = "import dev; dev.OLDEST_PYTHON = (99, 0); dev.main(dev.sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=machine.checkout,
        env={**machine.environment(), **({"PATH": path} if path else {})},
        capture_output=True,
        text=True,
        check=False,
    )


def ending_with(code: int, name: str = "one") -> dev.Check:
    return dev.Check(name, [sys.executable, "-c", f"print('told'); raise SystemExit({code})"])


def test_checks_go_on_after_a_failure_and_are_summed_up(capfd: pytest.CaptureFixture[str]) -> None:
    known = [ending_with(1), ending_with(0, "two"), dev.Check("three", [], "there is no such tool")]
    assert dev.run_checks(known, []) == 1
    output = capfd.readouterr().out
    assert output.count("told") == 1
    assert "there is no such tool" in output
    assert output.endswith("1 passed, 1 failed, 1 skipped\n")


def test_checks_can_be_chosen(capfd: pytest.CaptureFixture[str]) -> None:
    known = [ending_with(1), ending_with(0, "two")]
    assert dev.run_checks(known, ["two"]) == 0
    assert capfd.readouterr().out.endswith("1 passed, 0 failed, 0 skipped\n")
    with pytest.raises(dev.Failed, match="there is no check three; there are one, two"):
        dev.run_checks(known, ["three"])
