/** Every path of the service's HTTP API. */
export const paths = {
  register: '/register',
  registration: '/registration',
  login: '/login',
  loginEmail: '/login/email',
  loginEmailVerify: '/login/email/verify',
  emailVerifyRequest: '/email/verify/request',
  emailVerify: '/email/verify',
  emailUndo: '/email/undo',
  linksInspect: '/links/inspect',
  passwordForgot: '/password/forgot',
  passwordReset: '/password/reset',
  signInRequest: '/signin/request',
  logout: '/logout',
  oauthToken: '/oauth/token',
  oauthRevoke: '/oauth/revoke',
  oauthIntrospect: '/oauth/introspect',
  me: '/me',
  mePassword: '/me/password',
  meEmail: '/me/email',
  meEmailVerify: '/me/email/verify',
  meVerificationRequest: '/me/verification/request',
  meVerification: '/me/verification',
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
