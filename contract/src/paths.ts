/** Every path of the service's HTTP API. */
export const paths = {
  register: '/register',
  registration: '/registration',
  login: '/login',
  signInRequest: '/signin/request',
  logout: '/logout',
  oauthToken: '/oauth/token',
  oauthRevoke: '/oauth/revoke',
  oauthIntrospect: '/oauth/introspect',
  me: '/me',
  mePassword: '/me/password',
  sessions: '/sessions',
  metadata: '/.well-known/oauth-authorization-server',
  jwks: '/.well-known/jwks.json',
  healthLive: '/health/live',
  healthReady: '/health/ready',
} as const;

/** The service's own pages. */
export const pagePaths = {
  home: '/',
  signIn: '/signin',
  signUp: '/signup',
  account: '/account',
  console: '/console',
} as const;
