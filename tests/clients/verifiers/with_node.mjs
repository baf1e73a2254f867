// jose, oauth4webapi and hono: a token a line, and what becomes of each. The first argument says which.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const { ISSUER: issuer, AUDIENCE: audience, LEEWAY: leeway, MINTMARK_TEST_NODE: home } = process.env
const name = process.argv[2]
const { version } = JSON.parse(readFileSync(`${home}/node_modules/${name}/package.json`))
const load = async (from = name) => import(pathToFileURL(createRequire(`${home}/`).resolve(from)))

async function jose() {
  const { createRemoteJWKSet, jwtVerify } = await load()
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { cacheMaxAge: 300_000 })
  return (token) => jwtVerify(token, keys, {
    algorithms: ['RS512'], issuer, audience, typ: 'at+jwt', clockTolerance: Number(leeway),
    requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti'],
  })
}

async function oauth4webapi() {
  const oauth = await load()
  const plain = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...plain })
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found)
  return (token) => {
    const request = new Request(audience, { headers: { authorization: `Bearer ${token}` } })
    const options = { signingAlgorithms: ['RS512'], [oauth.clockTolerance]: Number(leeway), ...plain }
    return oauth.validateJwtAccessToken(server, request, audience, options)
  }
}

/** Without `typ`, as hono has it by default, and with it. */
async function hono() {
  const { verifyWithJwks } = await load('hono/jwt')
  const typ = process.argv[3]
  const verification = { iss: issuer, aud: audience, ...(typ ? { typ } : {}) }
  const options = { jwks_uri: `${issuer}/.well-known/jwks.json`, allowedAlgorithms: ['RS512'], verification }
  return (token) => verifyWithJwks(token, options)
}

const verify = await { jose, oauth4webapi, hono }[name]()
console.log(`${name} ${version}`)
for (const token of readFileSync(0, 'utf8').trim().split('\n')) {
  await verify(token).then(() => console.log('takes'), (refused) => console.log(`refuses: ${refused}`))
}
