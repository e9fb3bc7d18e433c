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
  invitationsAccept: '/invitations/accept',
  passwordForgot: '/password/forgot',
  passwordReset: '/password/reset',
  signInRequest: '/signin/request',
  signInOptions: '/signin/options',
  brandLogos: '/brand',
  logout: '/logout',
  oauthToken: '/oauth/token',
  oauthRevoke: '/oauth/revoke',
  oauthIntrospect: '/oauth/introspect',
  me: '/me',
  meExport: '/me/export',
  meActivity: '/me/activity',
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
  /** How the service sees a request, for a caller that has its secret. */
  requestProbe: '/health/request',
  openApi: '/openapi.json',
  asyncApi: '/asyncapi.json',
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
  /** The reference of the API. */
  reference: '/docs',
  /** Shows the connection of a session live. Not served in production by default. */
  demo: '/demo',
  // Links of mails lead to these, with a secret in the fragment: `#secret=…`.
  verify: '/verify',
  reset: '/reset',
  emailSignIn: '/sign-in/email',
  accountEmail: '/account/email',
  undo: '/undo',
  invitation: '/invitation',
} as const;
