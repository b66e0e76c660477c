#!/usr/bin/env python3
"""Everything a developer does, from a bare machine: `python3 dev.py` prints the list.

Needs nothing but Python. The first use makes an environment from the hashed requirements (by uv, which is fetched if it
is not there; by pip if uv cannot work here), later uses find it up to date and start at once. Written so that a Python
which is too old still understands this file, and hands over to a newer one.
"""

import collections.abc
import contextlib
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

OLDEST_PYTHON = (3, 11)
# Newest first, but those last for which most wheels we use are not built yet.
OTHER_PYTHONS = ["python3.{}".format(minor) for minor in (14, 13, 12, 11, 15, 16, 17)]
UV = "uv==0.13.9"
TESTS_AT_ONCE = "3"
"""Most tests wait, for browsers, switches and deadlines: more of them than cores."""
CHECKOUT = os.path.dirname(os.path.abspath(__file__))
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"

# uv reads variables of its own; whoever has set up pip for this machine should not have to say it twice.
UV_NAMES_OF_PIP_SETTINGS = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_NO_INDEX": "UV_NO_INDEX",
    "PIP_TRUSTED_HOST": "UV_INSECURE_HOST",
    "PIP_CERT": "SSL_CERT_FILE",
    "PIP_DEFAULT_TIMEOUT": "UV_HTTP_TIMEOUT",
}


class Failed(Exception):
    """Ends the program with one line."""


# --- verbs ------------------------------------------------------------------------------------------------------------


def run(arguments: "list[str]") -> int:
    """start a gateway, with embedded servers and a demo company unless configured otherwise"""
    return become(Environment().python(RUNTIME), "-m", "cli.main", "serve", "--demo", *arguments)


def simulate(arguments: "list[str]") -> int:
    """let the demo company of a running `run` live: phones, calls, meetings; arguments as of `presence simulate`"""
    return become(Environment().python(RUNTIME), "-m", "cli.main", "simulate", "--day", *arguments)


def test(arguments: "list[str]") -> int:
    """run the tests; further arguments go to pytest"""
    environment = Environment()
    python = environment.python(DEVELOPMENT)
    environment.keep_caches_together()
    # All of them side by side, each process with servers of its own; chosen ones in one process, where they are seen.
    side_by_side = [] if any(map(os.path.exists, arguments)) else ["-n", TESTS_AT_ONCE, "--dist", "worksteal"]
    return become(python, "-m", "pytest", "-o", "cache_dir=" + environment.cache("pytest"), *side_by_side, *arguments)


def faults(arguments: "list[str]") -> int:
    """break everything once, also for long, or faults by name; writes down what it did to people; --faults-times 3"""
    environment = Environment()
    python = environment.python(DEVELOPMENT)
    table = ["--faults-to", os.path.join("docs", "operations", "faults.md")]
    everything = ["-m", "long or not long", "tests/faults/test_every_fault.py", "tests/faults/test_failovers.py"]
    names = list(itertools.takewhile(lambda each: not each.startswith("-"), arguments))
    chosen = [word for name in names for word in ("--fault", name)]
    arguments = [*everything, *table, *chosen, *arguments[len(names) :]]
    return become(python, "-m", "pytest", "-o", "cache_dir=" + environment.cache("pytest"), *arguments)


def check(arguments: "list[str]") -> int:
    """check format, lint, types, imports, generated files, schemas; names of checks choose some"""
    environment = Environment()
    python = environment.python(DEVELOPMENT)
    environment.keep_caches_together()
    return run_checks(checks(python, environment), arguments)


def generate(arguments: "list[str]") -> int:
    """write the generated files anew; --check only compares"""
    return become(Environment().python(RUNTIME), "-m", "cli.main", "generate", *arguments)


def bench(arguments: "list[str]") -> int:
    """run the measurements; further arguments go to them"""
    return become(Environment().python(RUNTIME), "-m", "bench", *arguments)


def fuzz(arguments: "list[str]") -> int:
    """send wrong input without end to whatever reads any; names and --seconds go to it"""
    return become(Environment().python(DEVELOPMENT), "-m", "tests.fuzzing", *arguments)


def pictures(arguments: "list[str]") -> int:
    """take the pictures of README.md and docs/ anew: a demo company in a real browser"""
    return become(Environment().python(DEVELOPMENT), "-m", "tests.support.readme_pictures", *arguments)


def lock(arguments: "list[str]") -> int:
    """write the hashed requirements anew from pyproject.toml; --upgrade takes newer versions"""
    environment = Environment()
    uv = environment.uv()
    if uv is None:
        raise Failed("uv cannot be had here, and pip writes no such files")
    for file, extras in ((RUNTIME, ["embedded"]), (DEVELOPMENT, ["embedded", "tracing", "dev"])):
        command = [uv, "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--generate-hashes"]
        command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--python-version", "3.11", "-o", file]
        command += [word for extra in extras for word in ("--extra", extra)]
        done = subprocess.run(command + arguments, env=for_uv(), stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise Failed(file + " could not be compiled")
        with open(file, encoding="utf-8") as written:
            if "://" in written.read():
                raise Failed(file + " names an address, which a committed file must not")
    return 0


VERBS = {
    "run": run,
    "simulate": simulate,
    "test": test,
    "faults": faults,
    "check": check,
    "generate": generate,
    "bench": bench,
    "fuzz": fuzz,
    "pictures": pictures,
    "lock": lock,
}


def main(arguments: "list[str]") -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print_help()
        return 0
    verb = VERBS.get(arguments[0])
    if verb is None:
        print_help()
        print("\nThere is no '{}'.".format(arguments[0]), file=sys.stderr)
        return 2
    if sys.version_info < OLDEST_PYTHON:
        hand_over_to_newer_python()
    os.chdir(CHECKOUT)
    try:
        return verb(arguments[1:])
    except Failed as failure:
        print("dev.py: {}".format(failure), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def print_help() -> None:
    print("Usage: python3 dev.py VERB [ARGUMENTS]\n")
    for name, verb in VERBS.items():
        print("  {:9} {}".format(name, verb.__doc__))


def hand_over_to_newer_python() -> None:
    for name in OTHER_PYTHONS:
        # Tried, not only looked up: some version managers leave a command there which only complains.
        newer = shutil.which(name)
        if newer and subprocess.call([newer, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            become(newer, os.path.abspath(__file__), *sys.argv[1:])
    have, need = (".".join(map(str, version[:2])) for version in (sys.version_info, OLDEST_PYTHON))
    sys.exit("dev.py needs Python {} or newer; this is {}, and there is no newer one on the PATH.".format(need, have))


def become(program: str, *arguments: str) -> int:
    """Replaces this process, so that signals and the exit code are the program's own. Does not return."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(program, [program, *arguments])


# --- the environment --------------------------------------------------------------------------------------------------


class Environment:
    """A virtual environment which holds exactly the hashed requirements, and where it is kept."""

    def __init__(self) -> None:
        self.home, reason = home_of_environment()
        if reason:
            say("{}, so the environment is kept in {}".format(reason, self.home))
        self.venv = os.path.join(self.home, "venv")
        self.interpreter = os.path.join(self.venv, "bin", "python")
        self.stamp = os.path.join(self.home, "installed")

    def python(self, wanted: str) -> str:
        """The interpreter of an environment that has the wanted requirements, or more of them."""
        if not self.has(wanted):
            with self.locked():
                if not self.has(wanted):  # nobody made it while we waited
                    self.make(DEVELOPMENT if self.was_made_from() == DEVELOPMENT else wanted)
        return self.interpreter

    def has(self, wanted: str) -> bool:
        return any(self.read_stamp() == self.expected_stamp(file) for file in {wanted, DEVELOPMENT})

    def expected_stamp(self, file: str) -> str:
        """The requirements, their content, and the interpreter itself: a system upgrade replaces it under our feet."""
        with open(os.path.join(CHECKOUT, file), "rb") as requirements:
            content = hashlib.sha256(requirements.read()).hexdigest()
        known = os.path.exists(self.interpreter)
        return "\n".join([file, content, os.path.realpath(self.interpreter) if known else "missing"])

    def read_stamp(self) -> str:
        try:
            with open(self.stamp, encoding="utf-8") as stamp:
                return stamp.read()
        except OSError:
            return ""

    def was_made_from(self) -> str:
        return self.read_stamp().partition("\n")[0]

    def make(self, file: str) -> None:
        started = time.monotonic()
        say("making the environment from {} in {} ...".format(file, self.home))
        if os.path.exists(self.stamp):
            if self.read_stamp().rpartition("\n")[2] != os.path.realpath(self.interpreter):
                shutil.rmtree(self.venv, ignore_errors=True)
            os.unlink(self.stamp)
        if not (self.make_with_uv(file) or self.make_with_pip(file)):
            raise Failed("the environment could not be made; the messages above say why")
        with open(self.stamp + ".new", "w", encoding="utf-8") as stamp:
            stamp.write(self.expected_stamp(file))
        os.replace(self.stamp + ".new", self.stamp)
        say("made in {:.1f} s".format(time.monotonic() - started))

    def make_with_uv(self, file: str) -> bool:
        uv = self.uv()
        if uv is None:
            return False
        create = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, self.venv]
        install = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", self.interpreter, file]
        return (os.path.exists(self.interpreter) or succeeds(create, for_uv())) and succeeds(install, for_uv())

    def make_with_pip(self, file: str) -> bool:
        say("uv did not work here; pip takes a little longer ...")
        pip = [self.interpreter, "-m", "pip"]
        if not (os.path.exists(self.interpreter) and quietly_succeeds([*pip, "--version"])):
            shutil.rmtree(self.venv, ignore_errors=True)
            if not quietly_succeeds([sys.executable, "-m", "venv", self.venv]):
                # Without ensurepip: an environment without pip, filled by the machine's own.
                shutil.rmtree(self.venv, ignore_errors=True)
                if not succeeds([sys.executable, "-m", "venv", "--without-pip", self.venv]):
                    return False
                pip = [sys.executable, "-m", "pip", "--python", self.interpreter]
        return succeeds([*pip, "install", "--quiet", "--require-hashes", "--no-deps", "-r", file])

    def uv(self) -> "str | None":
        """uv of the machine, else our own, fetched if necessary; None where it cannot be had."""
        own = os.path.join(self.home, "uv")
        for place in (os.environ.get("PATH", os.defpath), os.path.join(own, "bin")):
            found = shutil.which("uv", path=place)
            if found and quietly_succeeds([found, "--version"]):
                return found
        # By an environment of its own; where Python came without ensurepip, by pip into a plain folder, which also
        # those pips do that refuse to install into the system.
        shutil.rmtree(own, ignore_errors=True)
        if not quietly_succeeds([sys.executable, "-m", "venv", own]):
            shutil.rmtree(own, ignore_errors=True)
        python = os.path.join(own, "bin", "python")
        if os.path.exists(python):
            installed = succeeds([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV])
        else:
            installed = succeeds([sys.executable, "-m", "pip", "install", "--quiet", "--target", own, UV])
        return shutil.which("uv", path=os.path.join(own, "bin")) if installed else None

    @contextlib.contextmanager
    def locked(self) -> "collections.abc.Generator[None]":
        import fcntl

        with open(os.path.join(self.home, "lock"), "w", encoding="utf-8") as lock_file:
            try:
                fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another dev.py which makes the environment ...")
                fcntl.flock(lock_file, fcntl.LOCK_EX)
            yield

    def cache(self, name: str) -> str:
        return os.path.join(self.home, "cache", name)

    def keep_caches_together(self) -> None:
        """The tools keep what they remember beside the environment: the checkout stays clean, or cannot be written."""
        os.environ.setdefault("MYPY_CACHE_DIR", self.cache("mypy"))
        os.environ.setdefault("RUFF_CACHE_DIR", self.cache("ruff"))
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", self.cache("hypothesis"))


def home_of_environment() -> "tuple[str, str]":
    """The checkout's own .dev if we may write there, else a folder among the user's caches, and the reason."""
    beside = os.path.join(CHECKOUT, ".dev")
    reason = why_not_ours(CHECKOUT) or why_not_ours(beside)
    if not reason:
        os.makedirs(beside, exist_ok=True)
        return beside, ""
    name = "presence-gateway-" + hashlib.sha256(CHECKOUT.encode()).hexdigest()[:12]
    user_caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    for caches, folder in ((user_caches, name), (tempfile.gettempdir(), "{}-{}".format(name, os.geteuid()))):
        home = os.path.join(caches, folder)
        with contextlib.suppress(OSError):
            os.makedirs(home, mode=0o700, exist_ok=True)
            # In a folder which everybody can write, somebody else may have been there first, with programs of theirs.
            if not why_not_ours(home):
                return home, reason
    raise Failed("{}, and there is no cache folder to write to; set XDG_CACHE_HOME to one".format(reason))


def why_not_ours(folder: str) -> str:
    """Why we should not write to a folder; empty if we may. Root, too, leaves the folders of others alone."""
    if not os.path.exists(folder):
        return ""
    if os.stat(folder).st_uid != os.geteuid():
        return "{} belongs to another user".format(folder)
    return "" if os.access(folder, os.W_OK) else "{} cannot be written".format(folder)


def for_uv() -> "dict[str, str]":
    """The variables under which uv behaves like pip on this machine."""
    variables = dict(os.environ)
    for pip_name, uv_name in UV_NAMES_OF_PIP_SETTINGS.items():
        if pip_name in variables:
            variables.setdefault(uv_name, variables[pip_name])
    # Behind a proxy that inspects TLS only the machine's own certificates are good. Both names: the older uvs know one.
    variables.setdefault("UV_SYSTEM_CERTS", "1")
    variables.setdefault("UV_NATIVE_TLS", "1")
    variables["UV_PYTHON_DOWNLOADS"] = "never"
    # Look at all indexes, as pip does. Every file has to match its hash, whichever index offers it.
    variables.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    variables.pop("VIRTUAL_ENV", None)
    return variables


# --- checks -----------------------------------------------------------------------------------------------------------


class Check:
    """One check: a command, or the reason why it cannot be run here."""

    def __init__(self, name: str, command: "list[str]", skipped: str = "") -> None:
        self.name, self.command, self.skipped = name, command, skipped


def checks(python: str, environment: Environment) -> "list[Check]":
    """In the order in which a person wants to hear of failure: what is quick and frequent first."""
    tools = os.path.dirname(python)
    openapi = "docs/openapi.json"
    return [
        Check("format", [os.path.join(tools, "ruff"), "format", "--check", "."]),
        Check("lint", [os.path.join(tools, "ruff"), "check", "--quiet", "--output-format=concise", "."]),
        Check("types", [python, "-m", "mypy", "."]),
        Check("imports", [os.path.join(tools, "lint-imports"), "--no-cache"]),
        *portal_types(environment),
        Check("generated", [python, "-m", "cli.main", "generate", "--check"]),
        Check(
            "openapi",
            [python, "-m", "openapi_spec_validator", openapi],
            "" if os.path.exists(openapi) else "there is no {} yet".format(openapi),
        ),
        Check(
            "compose",
            [python, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        ),
    ]


def portal_types(environment: Environment) -> "list[Check]":
    """One for each configuration of the compiler: pages and workers live in different worlds."""
    places = [os.environ.get("PATH", os.defpath), "node_modules/.bin"]
    places.append(os.path.join(environment.home, "node", "node_modules", ".bin"))
    tsc = shutil.which("tsc", path=os.pathsep.join(places))
    missing = "" if tsc else "there is no tsc on the PATH or in node_modules"
    return [
        Check(
            name.replace("tsconfig", "portal").replace(".json", ""),
            [tsc or "tsc", "--project", "portal/" + name],
            missing,
        )
        for name in sorted(os.listdir("portal"))
        if name.startswith("tsconfig") and name.endswith(".json")
    ]


def run_checks(known: "list[Check]", names: "list[str]") -> int:
    unknown = set(names) - {each.name for each in known}
    if unknown:
        raise Failed("there is no check {}; there are {}".format(unknown.pop(), ", ".join(each.name for each in known)))
    passed, failed, skipped = [], [], []  # type: tuple[list[str], list[str], list[str]]
    for each in known:
        if names and each.name not in names:
            continue
        if each.skipped:
            print("skipped  {:10} {}".format(each.name, each.skipped))
            skipped.append(each.name)
            continue
        started = time.monotonic()
        done = subprocess.run(each.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        result, group = ("FAILED", failed) if done.returncode else ("passed", passed)
        group.append(each.name)
        print("{:8} {:10} {:.1f} s".format(result, each.name, time.monotonic() - started), flush=True)
        if done.returncode:
            print(done.stdout.decode("utf-8", "replace").rstrip())
    print("{} passed, {} failed, {} skipped".format(len(passed), len(failed), len(skipped)))
    return 1 if failed else 0


# --- small things -----------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    print("dev.py: " + text, file=sys.stderr, flush=True)


def succeeds(command: "list[str]", variables: "dict[str, str] | None" = None) -> bool:
    """Runs a command; what it had to say is told only if it failed."""
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout.decode("utf-8", "replace"))
    return done.returncode == 0


def quietly_succeeds(command: "list[str]") -> bool:
    try:
        return (
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        )
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
