"""Machine clients of other people's, which cannot say all that a token request can: librdkafka and Rust's oauth2 with
nothing but id, secret and URL, and the Python SDK of MCP, which finds everything out by itself."""
import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import urllib.request
from base64 import b64encode, urlsafe_b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode

import httpx2
from confluent_kafka import Producer, libversion
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider

URL = os.environ["MINTMARK_URL"]
HERE = Path(__file__).resolve().parent
API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36
passed = failed = 0


def check(what, holds, seen=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(f"ok     machines: {what}" if holds else f"FAILED machines: {what}: {seen!r}", flush=True)


def claims(token):
    text = token.split(".")[1]
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


# --- What the administrator makes ----------------------------------------------------------------------------------

class Administrator:
    def __init__(self):
        pair = b64encode(f"{os.environ['ADMIN_ID']}:{os.environ['ADMIN_SECRET']}".encode()).decode()
        form = urlencode({"grant_type": "client_credentials"}).encode()
        request = urllib.request.Request(f"{URL}/console/sys/token", form, {"Authorization": f"Basic {pair}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.token = json.load(answer)["access_token"]

    def post(self, path, body):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{URL}/console/api/v2/{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def client_of(self, name, **application):
        """A service client for a new application alone; the application's uri."""
        made = self.post("applications", {
            "publication-context": name, "display-name": name, "development-mode": False,
            "source": {"type": "repository", "image-id": "00000000-0000-4000-8000-000000000001"}} | application)
        client = self.post("clients", {"name": name, "audiences": [made["uri"]]})
        return client["client-id"], client["client-secret"], made["uri"]


# --- Kafka ---------------------------------------------------------------------------------------------------------

def exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise OSError("the client hung up")
        data += more
    return data


def answer_of(api):
    if api == API_VERSIONS:  # Version 3: a compact array, tagged fields, a throttle time.
        known = [(0, 3, 9), (3, 0, 9), (SASL_HANDSHAKE, 0, 1), (API_VERSIONS, 0, 3), (SASL_AUTHENTICATE, 0, 1)]
        rows = b"".join(struct.pack(">hhhb", *row, 0) for row in known)
        return struct.pack(">hb", 0, len(known) + 1) + rows + struct.pack(">ib", 0, 0)
    return struct.pack(">hih", 0, 1, len("OAUTHBEARER")) + b"OAUTHBEARER"


def token_shown(listener):
    """Just enough of a broker to be shown the token of the first client that authenticates."""
    while True:
        connection, _ = listener.accept()
        connection.settimeout(30)
        with connection:
            try:
                while True:
                    size, api, _, correlation, name = struct.unpack(">ihhih", exactly(connection, 14))
                    rest = exactly(connection, size - 10)[max(name, 0):]
                    if api == SASL_AUTHENTICATE:
                        return rest.split(b"auth=Bearer ")[1].split(b"\x01")[0].decode()
                    body = struct.pack(">i", correlation) + answer_of(api)
                    connection.sendall(struct.pack(">i", len(body)) + body)
            except OSError:
                continue


def kafka_checks(administrator):
    client_id, client_secret, uri = administrator.client_of("kafka")
    found = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def serve():
            try:
                found.append(token_shown(listener))
            except OSError:
                pass
        broker = threading.Thread(target=serve)
        broker.start()
        producer = Producer({
            "bootstrap.servers": f"127.0.0.1:{listener.getsockname()[1]}",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanisms": "OAUTHBEARER",
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.client.id": client_id,
            "sasl.oauthbearer.client.secret": client_secret,
            "sasl.oauthbearer.token.endpoint.url": f"{URL}/console/sys/token",
            "log_level": 0,
        })
        while broker.is_alive():
            producer.poll(0.1)
    name = f"librdkafka {libversion()[0]}"
    check(f"{name}: fetches a token and shows it to the broker", found)
    seen = claims(found[0]) if found else {}
    check(f"{name}: it is for the client's default audience, without a scope",
          seen.get("aud") == uri and "scope" not in seen, seen)


# --- MCP -----------------------------------------------------------------------------------------------------------

class Resource(BaseHTTPRequestHandler):
    """A protected resource that names its authorization server (RFC 9728), and no scopes."""

    def do_GET(self):
        base = f"http://{self.headers['Host']}"
        if self.path == "/mcp" and "Authorization" in self.headers:
            self.server.shown.append(self.headers["Authorization"].removeprefix("Bearer "))
            self.answer(200, {})
        elif self.path == "/mcp":
            at = f'Bearer resource_metadata="{base}/.well-known/oauth-protected-resource/mcp"'
            self.answer(401, {}, {"WWW-Authenticate": at})
        elif self.path == "/.well-known/oauth-protected-resource/mcp":
            self.answer(200, {"resource": f"{base}/mcp", "authorization_servers": [URL]})
        else:
            self.answer(404, {})

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        body = json.dumps(body).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Storage:
    """Keeps nothing."""

    async def get_tokens(self):
        return None

    async def set_tokens(self, tokens):
        pass

    async def get_client_info(self):
        return None

    async def set_client_info(self, client_info):
        pass


async def call(url, client_id, client_secret):
    auth = ClientCredentialsOAuthProvider(server_url=url, storage=Storage(), client_id=client_id,
                                          client_secret=client_secret, issuer=URL)
    async with httpx2.AsyncClient(auth=auth, trust_env=False) as client:
        return (await client.get(url)).status_code


def mcp_checks(administrator):
    with ThreadingHTTPServer(("127.0.0.1", 0), Resource) as server:
        server.shown = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # By a name of its own, over plain HTTP: the application's uri is what its clients call it.
        url = f"http://localhost:{server.server_address[1]}/mcp"
        client_id, client_secret, uri = administrator.client_of("mcp", uri=url)
        name = f"mcp {version('mcp')}"
        try:
            status = asyncio.run(call(url, client_id, client_secret))
        except Exception as error:
            status = error
        check(f"{name}: gets in by discovery alone", status == 200, status)
        seen = claims(server.shown[0]) if server.shown else {}
        check(f"{name}: its token is for the uri that the application chose", seen.get("aud") == uri == url, seen)
        server.shutdown()


# --- Rust ----------------------------------------------------------------------------------------------------------

def rust_checks(administrator):
    client_id, client_secret, uri = administrator.client_of("rust")
    done = subprocess.run(["cargo", "run", "--quiet", "--locked"], cwd=HERE / "rust", capture_output=True, text=True,
                          timeout=900, env=os.environ | {"RUST_ID": client_id, "RUST_SECRET": client_secret})
    tokens = done.stdout.split()
    check("oauth2 5.0.0: gets a token by header and one by body", len(tokens) == 2, done.stderr)
    for token in tokens:
        seen = claims(token)
        check("oauth2 5.0.0: it is for the client's default audience", seen.get("aud") == uri, seen)


if __name__ == "__main__":
    try:
        administrator = Administrator()
        kafka_checks(administrator)
        rust_checks(administrator)
        mcp_checks(administrator)
    except Exception as error:  # Whatever it was, the checks up to here count.
        check("runs to its end", False, error)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
