"""joserfc, directly: a token a line, and what becomes of each."""
import json
import os
import sys
import urllib.request
from importlib.metadata import version

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]
with urllib.request.urlopen(f"{ISSUER}/.well-known/jwks.json", timeout=30) as answer:
    keys = KeySet.import_key_set(json.load(answer))
claims = jwt.JWTClaimsRegistry(
    leeway=int(os.environ["LEEWAY"]), iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE}, sub={"essential": True}, client_id={"essential": True},
    iat={"essential": True}, exp={"essential": True}, jti={"essential": True})

print(f"joserfc {version('joserfc')}")
for line in sys.stdin:
    try:
        token = jwt.decode(line.strip(), keys, algorithms=["RS512"])
        if token.header.get("typ") != "at+jwt":
            raise ValueError("not an access token")
        claims.validate(token.claims)
        print("takes")
    except (JoseError, ValueError) as refused:
        print(f"refuses: {refused!r}")
