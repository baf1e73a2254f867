// openid-client and oauth4webapi by discovery: a token with an id_token, and what they make of a wrong secret.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const { MINTMARK_URL: url, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, MINTMARK_TEST_NODE: home } = process.env
const load = (name) => import(pathToFileURL(createRequire(`${home}/`).resolve(name)))
const version = (name) => JSON.parse(readFileSync(`${home}/node_modules/${name}/package.json`)).version

let passed = 0
let failed = 0

function check(what, holds, seen) {
  if (holds) passed += 1
  else failed += 1
  console.log(holds ? `ok     openid: ${what}` : `FAILED openid: ${what}: ${JSON.stringify(seen)}`)
}

async function openidClient() {
  const client = await load('openid-client')
  const name = `openid-client ${version('openid-client')}`
  const options = { execute: [client.allowInsecureRequests] }
  const config = await client.discovery(new URL(url), clientId, clientSecret, undefined, options)
  const answer = await client.clientCredentialsGrant(config, { scope: 'openid' })
  check(`${name}: a token with an id_token, by discovery`, answer.claims()?.aud === clientId, answer.claims())
  const wrong = await client.discovery(new URL(url), clientId, `${clientSecret}x`, undefined, options)
  const error = await client.clientCredentialsGrant(wrong).then(() => undefined, (reason) => reason)
  check(`${name}: shows invalid_client for a wrong secret`, error?.error === 'invalid_client', String(error))
}

async function oauth4webapi(algorithm) {
  const oauth = await load('oauth4webapi')
  const name = `oauth4webapi ${version('oauth4webapi')}, ${algorithm}`
  const plain = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(new URL(url), { algorithm, ...plain })
  const server = await oauth.processDiscoveryResponse(new URL(url), found)
  const client = { client_id: clientId }
  const secret = oauth.ClientSecretBasic(clientSecret)
  const response = await oauth.clientCredentialsGrantRequest(server, client, secret, { scope: 'openid' }, plain)
  const answer = await oauth.processClientCredentialsResponse(server, client, response)
  const claims = oauth.getValidatedIdTokenClaims(answer)
  check(`${name}: a token with an id_token, by discovery`, claims?.aud === clientId, claims)
}

async function main() {
  await openidClient()
  await oauth4webapi('oidc')
  await oauth4webapi('oauth2')
}

await main().catch((error) => check('runs to its end', false, String(error?.stack ?? error)))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
