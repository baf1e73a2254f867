"""A server for the test programs that are not Rust: the release binary on an empty folder and a free port.

    with Server("schemathesis") as server:
        server.get("/readyz")

Its database, keys and log lie in a folder that goes when the block ends.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlencode

START_SECONDS = 30
STOP_SECONDS = 10
# A proxy that the machine names is for other hosts.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failure(Exception):
    """What this machine or this server does not do, in a sentence."""


def binary():
    path = Path(os.environ.get("MINTMARK_BIN") or "target/release/mintmark").resolve()
    if not path.is_file():
        raise Failure(f"there is no {path}: cargo build --release")
    return str(path)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, name, **settings):
        """`settings` are the server's own, as in guard_per_peer=1000."""
        self.home = Path(tempfile.mkdtemp(prefix=f"mintmark-{name}."))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        # A clean environment but for what any program needs: the settings are the test's own.
        self.environment = {
            "PATH": os.environ["PATH"],
            "MINTMARK_LISTEN": f"127.0.0.1:{port}",
            "MINTMARK_PUBLIC_URL": self.url,
            "MINTMARK_DATABASE_URL": f"sqlite:{self.home / 'mintmark.db'}",
            "MINTMARK_KEYS_DIR": str(self.home / "keys"),
            "MINTMARK_INIT": "new",
        } | {f"MINTMARK_{name.upper()}": str(value) for name, value in settings.items()}
        self.process = None

    def __enter__(self):
        with open(self.home / "server.log", "wb") as log:
            self.process = subprocess.Popen([binary(), "serve"], env=self.environment, cwd=self.home,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.send("GET", "/readyz")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        log = self.log()
        self.__exit__()
        raise Failure(f"the server is not ready within {START_SECONDS} s:\n{log[-3000:]}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def stop(self):
        """Whether SIGTERM ends it well."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=STOP_SECONDS) == 0
        except subprocess.TimeoutExpired:
            return False

    def log(self):
        return (self.home / "server.log").read_text(errors="replace")

    def first_start(self):
        """The first sign-in and the first key, as the file beside the master key tells them."""
        note = (self.home / "keys" / "first-start.txt").read_text()
        return dict(re.findall(r"^ +(login|password|client_id|client_secret): +(\S+)$", note, re.MULTILINE))

    def command(self, *arguments, stdin=None):
        """What the command line answers beside the running server, from its JSON."""
        done = subprocess.run([binary(), *arguments, "--output", "json"], input=stdin, capture_output=True, text=True,
                              env=self.environment, cwd=self.home, timeout=60)
        if done.returncode != 0:
            raise Failure(f"mintmark {' '.join(arguments)}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def send(self, method, path, token=None, body=None, headers=()):
        """Status and body of an answer: JSON as what it says, else text."""
        headers = dict(headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and "Content-Type" not in headers:
            headers["Content-Type"], body = "application/json", json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        try:
            answer = DIRECT.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
            is_json = answer.headers.get_content_type() == "application/json"
            return answer.status, json.loads(text) if is_json else text

    def must(self, method, path, token=None, body=None):
        """The body of a success."""
        status, answer = self.send(method, path, token, body)
        if not 200 <= status < 300:
            raise Failure(f"{method} {path}: {status} {answer}")
        return answer

    def token(self, client, **parameters):
        """An access token of a client, as the command line or the API made it."""
        status, answer = self.ask_for_token(client, **parameters)
        if status != 200:
            raise Failure(f"no token: {status} {answer}")
        return answer["access_token"]

    def ask_for_token(self, client, **parameters):
        """Status and answer of the token endpoint."""
        pair = [client.get(name) or client[name.replace("_", "-")] for name in ("client_id", "client_secret")]
        form = urlencode({"grant_type": "client_credentials"} | parameters).encode()
        headers = {"Authorization": "Basic " + b64encode(":".join(pair).encode()).decode(),
                   "Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", "/console/sys/token", body=form, headers=headers)


class Checks:
    """Counts what holds and what does not, and prints it as it comes."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def __call__(self, what, holds, seen=""):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        print(f"ok     {self.name}: {what}" if holds else f"FAILED {self.name}: {what}: {seen}", flush=True)
        return bool(holds)

    def end(self):
        """The last line, and the exit code that says the same."""
        print(f"{self.name}: {self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
