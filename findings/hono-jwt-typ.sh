#!/usr/bin/env bash
# Hono's `verify` of `hono/jwt` refuses an access token whose header says `typ: at+jwt`.
#
# RFC 9068 section 2.1 asks for exactly this type, so that an access token is not taken for an id_token, and
# names `application/at+jwt` as its long form. Hono takes a token that says `JWT`, and one that says nothing.
# Signature and claims of all of them are good. The error says that the header is invalid, not which member.
#
# Seen with hono 4.13.19 and jose 5.10.0 on Node 20.20:
#   JWT: taken
#   at+jwt: JwtHeaderInvalid
#   application/at+jwt: JwtHeaderInvalid
#   none: taken
set -eu
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts hono@4.13.19 jose@5.10.0
cat >try.js <<'JS'
import { verify } from "hono/jwt";
import { SignJWT, exportJWK, generateKeyPair } from "jose";

const pair = await generateKeyPair("RS512", { extractable: true });
const key = { ...(await exportJWK(pair.publicKey)), alg: "RS512", kid: "one" };
for (const typ of ["JWT", "at+jwt", "application/at+jwt", undefined]) {
  const header = typ ? { alg: "RS512", kid: "one", typ } : { alg: "RS512", kid: "one" };
  const token = await new SignJWT({ sub: "somebody" })
    .setProtectedHeader(header).setIssuedAt().setExpirationTime("1h").sign(pair.privateKey);
  const seen = await verify(token, key, "RS512").then(() => "taken", (error) => error.name);
  console.log(`${typ ?? "none"}: ${seen}`);
}
JS
seen="$(node try.js)"
echo "$seen"
[ "$seen" = "JWT: taken
at+jwt: JwtHeaderInvalid
application/at+jwt: JwtHeaderInvalid
none: taken" ]
