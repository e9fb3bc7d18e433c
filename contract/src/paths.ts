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
  signInOptions: '/signin/options',
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
  /** Asks for a mail with which a new password is set. */
  forgot: '/forgot',
  account: '/account',
  console: '/console',
  // Links of mails lead to these, with a secret in the fragment: `#secret=…`.
  verify: '/verify',
  reset: '/reset',
  emailSignIn: '/sign-in/email',
  accountEmail: '/account/email',
  undo: '/undo',
} as const;
