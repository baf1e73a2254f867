"""Both tokens checked by PyJWT and by joserfc, as a service in Python would check them; claims as documented."""
import base64
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import jwt
from joserfc import jwt as joserfc_jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

URL = os.environ["MINTMARK_URL"]
CLIENT_ID = os.environ["CLIENT_ID"]
CONSOLE_API = f"{URL}/console/api/v2"
SCOPE = "openid applications:read"
SUBJECT = (
    '{{\r\n  "user-id" : {},\r\n  "user-list-id" : {},\r\n  "user-presentation" : {},\r\n'
    '  "auth-identity" : {{\r\n    "name" : {},\r\n    "domain" : "user_tokens"\r\n  }}\r\n}}'
)

passed = failed = 0


def check(what, holds, seen=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(f"ok     python: {what}" if holds else f"FAILED python: {what}: {seen!r}", flush=True)


def refuses(what, expected, action):
    try:
        check(what, False, action())
    except expected:
        check(what, True)
    except Exception as other:  # Another refusal than the one that was meant.
        check(what, False, other)


def fetch(path, headers=None, form=None):
    """Status, headers and JSON of an answer, whatever its status."""
    body = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(f"{URL}{path}", data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, json.load(answer)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def with_flipped_bit(token, bit):
    """The token with one bit of its signature flipped."""
    signed, _, text = token.rpartition(".")
    signature = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    signature[bit // 8] ^= 1 << bit % 8
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def check_lifetime(name, claims):
    now = time.time()
    check(f"{name}: issued now, for an hour",
          abs(now - claims["iat"]) < 30 and claims["exp"] == claims["iat"] + 3600, claims)
    check(f"{name}: scope, gen and jti", claims["scope"] == SCOPE and isinstance(claims["gen"], int)
          and isinstance(claims["jti"], str) and len(claims["jti"]) >= 22, claims)


def check_id_token(id_token, access_token, key):
    claims = jwt.decode(id_token, key, algorithms=["RS512"], audience=CLIENT_ID, issuer=URL,
                        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]})
    check("PyJWT takes the id_token", True)
    check("id_token: typ", jwt.get_unverified_header(id_token)["typ"] == "JWT")
    check("id_token: its claims and no others", set(claims) ==
          {"iss", "sub", "aud", "iat", "exp", "at_hash", "scope", "gen", "jti"}, claims)
    check_lifetime("id_token", claims)
    half = hashlib.sha512(access_token.encode()).digest()[:32]
    check("id_token: at_hash is of the access token",
          claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode(), claims["at_hash"])
    status, _, me = fetch("/console/api/v2/me", bearer(id_token))
    check("the id_token reads /me", status == 200, me)
    expected = SUBJECT.format(*map(json.dumps, (me["id"], me["user-list-id"], me["presentation"], CLIENT_ID)))
    check("id_token: sub has the documented layout, about whom /me names", claims["sub"] == expected, claims["sub"])
    return claims, me


def check_access_token(access_token, key, id_claims, me):
    claims = jwt.decode(access_token, key, algorithms=["RS512"], audience=CONSOLE_API, issuer=URL,
                        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]})
    check("PyJWT takes the access token", True)
    check("access token: typ", jwt.get_unverified_header(access_token)["typ"] == "at+jwt")
    check("access token: its claims and no others", set(claims) ==
          {"iss", "sub", "aud", "client_id", "iat", "exp", "scope", "gen", "jti"}, claims)
    check_lifetime("access token", claims)
    check("access token: whose and for which client", (claims["sub"], claims["client_id"]) == (me["id"], CLIENT_ID),
          claims)
    check("access token: aud is one string", claims["aud"] == CONSOLE_API, claims["aud"])
    stem = os.path.commonprefix([claims["jti"], id_claims["jti"]])
    check("both jti have a stem in common and differ", len(stem) >= 22 and claims["jti"] != id_claims["jti"],
          (claims["jti"], id_claims["jti"]))


def main():
    basic = base64.b64encode(f"{CLIENT_ID}:{os.environ['CLIENT_SECRET']}".encode()).decode()
    _, _, answer = fetch("/console/sys/token", {"Authorization": f"Basic {basic}"}, {"grant_type": "client_credentials"})
    id_token, access_token = answer["id_token"], answer["access_token"]

    _, headers, jwks = fetch("/.well-known/jwks.json")
    check("the key set may be kept for 5 minutes", headers["Cache-Control"] == "public, max-age=300")
    check("a key has its public members and no others",
          all(set(key) == {"kty", "use", "alg", "kid", "n", "e"} for key in jwks["keys"]), jwks)
    check("the key that signs and the next one", len(jwks["keys"]) == 2, len(jwks["keys"]))
    for key in jwks["keys"]:
        text = json.dumps({"e": key["e"], "kty": key["kty"], "n": key["n"]}, separators=(",", ":"))
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        check("kid is the RFC 7638 thumbprint", key["kid"] == thumbprint, key["kid"])

    client = jwt.PyJWKClient(f"{URL}/.well-known/jwks.json")
    id_key, access_key = (client.get_signing_key_from_jwt(token).key for token in (id_token, access_token))
    id_claims, me = check_id_token(id_token, access_token, id_key)
    check_access_token(access_token, access_key, id_claims, me)
    refuses("PyJWT refuses the id_token for another audience", jwt.InvalidAudienceError,
            lambda: jwt.decode(id_token, id_key, algorithms=["RS512"], audience=CONSOLE_API, issuer=URL))

    key_set = KeySet.import_key_set(jwks)
    tokens = {"id_token": (id_token, id_key, CLIENT_ID), "access token": (access_token, access_key, CONSOLE_API)}
    for name, (token, key, audience) in tokens.items():
        read = joserfc_jwt.decode(token, key_set, algorithms=["RS512"])
        joserfc_jwt.JWTClaimsRegistry(iss={"essential": True, "value": URL}, sub={"essential": True},
                                      aud={"essential": True, "value": audience}, exp={"essential": True}
                                      ).validate(read.claims)
        check(f"joserfc takes the {name}", True)
        for bit in (0, 1000, 2047):
            bad = with_flipped_bit(token, bit)
            refuses(f"PyJWT refuses the {name} with bit {bit} of its signature flipped", jwt.InvalidSignatureError,
                    lambda: jwt.decode(bad, key, algorithms=["RS512"], audience=audience, issuer=URL))
            refuses(f"joserfc refuses the {name} with bit {bit} of its signature flipped", BadSignatureError,
                    lambda: joserfc_jwt.decode(bad, key_set, algorithms=["RS512"]))
            status, headers, _ = fetch("/console/api/v2/me", bearer(bad))
            check(f"the server refuses the {name} with bit {bit} of its signature flipped",
                  status == 401 and 'error="invalid_token"' in headers.get("WWW-Authenticate", ""), status)
        status, _, body = fetch("/console/api/v2/applications", bearer(token))
        check(f"the server takes the {name}", status == 200 and isinstance(body, list), body)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # Whatever it was, the checks up to here count.
        check("runs to its end", False, error)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
