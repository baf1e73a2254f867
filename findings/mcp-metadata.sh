#!/usr/bin/env bash
# MCP's Python SDK says that an authorization server has no metadata when it has no `authorization_endpoint`.
#
# RFC 8414 section 2 asks for that member only where a supported grant uses it: a server for machines, whose
# `grant_types_supported` is `["client_credentials"]`, needs none. The SDK's provider for client credentials reads
# the document, leaves it aside without a word, asks for the OpenID configuration, and then says that nothing was
# found. With the member, of which this grant makes no use, it gets its token from the `token_endpoint`.
#
# Seen with mcp 2.3.0 (httpx2 2.16.2) on Python 3.11:
#   without authorization_endpoint: OAuthFlowError: No authorization server metadata discovered for configured issuer ISSUER
#   with authorization_endpoint: POST /oauth/token
set -eu
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet mcp==2.3.0 httpx2==2.16.2
cat >"$folder/try.py" <<'PY'
import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider


class Server(BaseHTTPRequestHandler):
    """A protected resource at /mcp, and its authorization server."""

    def do_GET(self):
        if self.path == "/.well-known/oauth-protected-resource/mcp":
            self.answer(200, {"resource": f"{base}/mcp", "authorization_servers": [base]})
        elif self.path == "/.well-known/oauth-authorization-server":
            self.answer(200, metadata)
        elif self.path == "/mcp" and self.headers.get("Authorization") == "Bearer one":
            self.answer(200, {})
        elif self.path == "/mcp":
            self.answer(401, {}, f'Bearer resource_metadata="{base}/.well-known/oauth-protected-resource/mcp"')
        else:
            self.answer(404, {})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        posted.append(f"POST {self.path}")
        self.answer(200, {"access_token": "one", "token_type": "Bearer", "expires_in": 60})

    def answer(self, status, body, challenge=None):
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
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


async def call():
    auth = ClientCredentialsOAuthProvider(
        server_url=f"{base}/mcp", storage=Storage(), client_id="a", client_secret="b", issuer=base)
    async with httpx2.AsyncClient(auth=auth, trust_env=False) as client:
        await client.get(f"{base}/mcp")


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_address[1]}"
least = {"issuer": base, "token_endpoint": f"{base}/oauth/token", "response_types_supported": [],
         "grant_types_supported": ["client_credentials"]}
for name, metadata in [("without", least), ("with", least | {"authorization_endpoint": f"{base}/authorize"})]:
    posted = []
    try:
        asyncio.run(call())
    except Exception as error:
        posted.append(f"{type(error).__name__}: {str(error).replace(base, 'ISSUER')}")
    print(f"{name} authorization_endpoint: {', '.join(posted)}")
PY
seen="$("$folder/python/bin/python" "$folder/try.py" 2>/dev/null)"
echo "$seen"
[ "$seen" = "without authorization_endpoint: OAuthFlowError: No authorization server metadata discovered for configured issuer ISSUER
with authorization_endpoint: POST /oauth/token" ]
