"""The requests that the old console's documentation prints, byte for byte over a socket."""
import base64
import json
import os
import socket
import sys
from urllib.parse import urlsplit

ADDRESS = urlsplit(os.environ["MINTMARK_URL"])

# As printed, down to the Host of another port: nothing is taken from it.
TOKEN_REQUEST = (
    b"POST /console/sys/token HTTP/1.1\r\n"
    b"Host: localhost:9090\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Authorization: Basic dlFCRm05WkNjVmZhV2ZPZnZQTnVua1pncG9jcElBMXhmTW5sbmlwNmR1az06"
    b"dTNUUFlTMVplRV9TVFJJeFQ4VDh6R3NQYnVRcXFJbDlRbUhDdlJUOXd5cz0=\r\n"
    b"Content-Length: 29\r\n"
    b"\r\n"
    b"grant_type=client_credentials"
)
APPLICATIONS_REQUEST = (
    "GET /console/api/v2/applications HTTP/1.1\r\n"
    "Host: localhost:9090\r\n"
    "Authorization: Bearer {}\r\n"
    "\r\n"
)

passed = failed = 0


def check(what, holds, seen=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(f"ok     seed: {what}" if holds else f"FAILED seed: {what}: {seen!r}", flush=True)


def exchange(request):
    """Sends the bytes and reads one answer: status, headers (lowercase names), body."""
    with socket.create_connection((ADDRESS.hostname, ADDRESS.port), timeout=30) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            headers = {}
            while (line := answer.readline().strip()):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            body = answer.read(int(headers["content-length"]))
    return status, headers, body


def decoded(token, part):
    text = token.split(".")[part]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def check_token_answer(name, request):
    status, headers, body = exchange(request)
    check(f"{name}: 200", status == 200, (status, body))
    answer = json.loads(body) if status == 200 else {}
    check(f"{name}: its members, in order",
          list(answer) == ["access_token", "token_type", "expires_in", "scope", "id_token"], list(answer))
    check(f"{name}: Bearer, for an hour, as granted",
          [answer.get("token_type"), answer.get("expires_in"), answer.get("scope")]
          == ["Bearer", 3600, "openid applications:read"], answer)
    check(f"{name}: JSON that nobody keeps",
          headers["content-type"].startswith("application/json") and headers.get("cache-control") == "no-store"
          and headers.get("pragma") == "no-cache", headers)
    return answer.get("id_token", "")


def check_applications(name, token):
    status, headers, body = exchange(APPLICATIONS_REQUEST.format(token).encode())
    check(f"{name}: 200", status == 200, (status, body))
    check(f"{name}: an array", status == 200 and isinstance(json.loads(body), list), body)


def main():
    id_token = check_token_answer("the printed request", TOKEN_REQUEST)
    if id_token:
        check("the id_token names the algorithm of the printed one", decoded(id_token, 0)["alg"] == "RS512",
              decoded(id_token, 0))
        claims = decoded(id_token, 1)
        check("iss is the public URL, whatever Host says", claims["iss"] == os.environ["MINTMARK_URL"], claims)
        check_applications("the printed GET with the id_token", id_token)
    upper_case = TOKEN_REQUEST.replace(b"=client_credentials", b"=CLIENT_CREDENTIALS")
    id_token = check_token_answer("the other spelling", upper_case)
    check_applications("the printed GET with that id_token", id_token)
    for spelling in (b"Client_Credentials", b"client-credentials"):
        request = TOKEN_REQUEST.replace(b"client_credentials", spelling)
        status, _, body = exchange(request)
        check(f"no third spelling: {spelling.decode()}",
              (status, json.loads(body)["error"]) == (400, "unsupported_grant_type"), (status, body))
    status, headers, body = exchange(APPLICATIONS_REQUEST.format("not.a.token").encode())
    check("a bad token is answered with 401, on which clients ask again",
          status == 401 and 'error="invalid_token"' in headers.get("www-authenticate", ""), (status, headers))
    check("and with the console's error", json.loads(body).get("status") == "UNAUTHENTICATED", body)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # Whatever it was, the checks up to here count.
        check("runs to its end", False, error)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
