"""PyJWT, as the README has it: a token a line, and what becomes of each."""
import os
import sys

import jwt

ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]
keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json", lifespan=300)

print(f"PyJWT {jwt.__version__}")
for line in sys.stdin:
    token = line.strip()
    try:
        decoded = jwt.decode_complete(
            token, keys.get_signing_key_from_jwt(token), algorithms=["RS512"], issuer=ISSUER, audience=AUDIENCE,
            leeway=float(os.environ["LEEWAY"]),
            options={"require": ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"]})
        if decoded["header"].get("typ") != "at+jwt":
            raise jwt.InvalidTokenError("not an access token")
        print("takes")
    except jwt.PyJWTError as refused:
        print(f"refuses: {refused!r}")
