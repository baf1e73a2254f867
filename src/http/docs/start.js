'use strict'

const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
follow()
dark.addEventListener('change', follow)

SwaggerUIBundle({
  url: '/openapi.yaml',
  domNode: document.getElementById('contract'),
  deepLinking: true,
  displayRequestDuration: true,
  // Else the document's address is sent to a validator elsewhere.
  validatorUrl: null,
  // The schemas stand in the operations; by themselves they are a long list.
  defaultModelsExpandDepth: 0,
})
