// Discovery, a token, and both tokens checked by jose, as a service in Node would check them.
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'

const { createRemoteJWKSet, errors, jwtVerify } = createRequire(`${process.env.MINTMARK_TEST_NODE}/`)('jose')
const { MINTMARK_URL: url, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env

let passed = 0
let failed = 0

function check(what, holds, seen) {
  if (holds) passed += 1
  else failed += 1
  console.log(holds ? `ok     node: ${what}` : `FAILED node: ${what}: ${JSON.stringify(seen)}`)
}

async function refuses(what, expected, promise) {
  const error = await promise.then(() => undefined, (reason) => reason)
  check(what, error instanceof expected, String(error))
}

function withFlippedBit(token) {
  const [header, claims, signature] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  bytes[100] ^= 1
  return [header, claims, bytes.toString('base64url')].join('.')
}

async function main() {
  const discovered = {}
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const response = await fetch(`${url}/.well-known/${name}`)
    discovered[name] = await response.json()
    check(`${name}: JSON for every origin`, response.ok
      && response.headers.get('access-control-allow-origin') === '*'
      && response.headers.get('content-type').startsWith('application/json'), response.status)
    check(`${name}: issuer is where it was found`, discovered[name].issuer === url, discovered[name].issuer)
  }
  const metadata = discovered['openid-configuration']
  check('both documents agree', metadata.token_endpoint === discovered['oauth-authorization-server'].token_endpoint
    && metadata.jwks_uri === discovered['oauth-authorization-server'].jwks_uri, discovered)
  check('id_tokens are signed with RS512', `${metadata.id_token_signing_alg_values_supported}` === 'RS512', metadata)

  const answer = await (await fetch(metadata.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'openid' }),
  })).json()
  check('a token for a narrower scope', answer.scope === 'openid', answer.error)

  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri))
  const common = { issuer: metadata.issuer, algorithms: ['RS512'], requiredClaims: ['exp', 'iat', 'jti', 'scope', 'gen'] }
  const tokens = {
    id_token: { token: answer.id_token, expected: { ...common, audience: clientId, typ: 'JWT' } },
    'access token': { token: answer.access_token, expected: { ...common, audience: `${url}/console/api/v2`, typ: 'at+jwt' } },
  }
  for (const [name, { token, expected }] of Object.entries(tokens)) {
    const { payload } = await jwtVerify(token, keys, expected)
    check(`jose takes the ${name}`, payload.scope === 'openid', payload)
    await refuses(`jose refuses the ${name} with a flipped bit`, errors.JWSSignatureVerificationFailed,
      jwtVerify(withFlippedBit(token), keys, expected))
    await refuses(`jose refuses the ${name} for another audience`, errors.JWTClaimValidationFailed,
      jwtVerify(token, keys, { ...expected, audience: 'https://other.example' }))
  }
  await refuses('jose tells the id_token from an access token', errors.JWTClaimValidationFailed,
    jwtVerify(answer.id_token, keys, { ...tokens['access token'].expected, audience: clientId }))

  const { payload } = await jwtVerify(answer.id_token, keys, tokens.id_token.expected)
  const half = createHash('sha512').update(answer.access_token).digest().subarray(0, 32).toString('base64url')
  check('at_hash is of the access token', payload.at_hash === half, payload.at_hash)

  const headers = { authorization: `Bearer ${answer.access_token}` }
  const me = await fetch(`${url}/console/api/v2/me`, { headers })
  check('scope openid reads /me', me.status === 200, me.status)
  const applications = await fetch(`${url}/console/api/v2/applications`, { headers })
  check('and nothing more', applications.status === 403
    && applications.headers.get('www-authenticate').includes('error="insufficient_scope"'), applications.status)
}

await main().catch((error) => check('runs to its end', false, String(error?.stack ?? error)))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
