"""Attacks every operation of docs/openapi.json on a running gateway, by schemathesis. A command, not a test.

    pip install schemathesis          # into an environment of its own
    python3 dev.py run                # in another terminal
    python -m bench.attack --url http://127.0.0.1:8000 --login 1001@demo.test --password ... --schemathesis PATH

Everything that a gateway answers has to be in its own document, and nothing may be an error of ours. What logs the
attacker out is left alone. Ends with schemathesis' own code.
"""

import argparse
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs/openapi.json"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ENDS_THE_LOGIN = r"logout|sessions|password|factors|login|passkeys"


def token_of(url: str, login: str, password: str) -> str:
    body = json.dumps({"login": login, "password": password, "bearer": True}).encode()
    request = urllib.request.Request(  # noqa: S310 - the address is the developer's own
        f"{url}/v1/login", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        token: str = json.load(answer)["token"]
    return token


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--schemathesis", default="schemathesis", help="where the program is")
    parser.add_argument("--seconds", type=int, default=600)
    given = parser.parse_args()
    command = [given.schemathesis, "run", str(DOCUMENT), "--url", given.url, "--checks", CHECKS]
    command += ["--header", f"Authorization: Bearer {token_of(given.url, given.login, given.password)}"]
    command += ["--exclude-path-regex", ENDS_THE_LOGIN, "--max-time", str(given.seconds), "--continue-on-failure"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
