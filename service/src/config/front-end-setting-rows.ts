import { appUrls, booleanSetting, booleanText, origins } from './setting-schemas.ts';

/** Rows of the settings of front ends and of the service's own pages. */
export const frontEndSettings = {
  allowedOrigins: {
    env: 'LATCHKEY_ALLOWED_ORIGINS',
    schema: origins,
    description:
      'Origins of other front ends that may call the service and open sockets, separated by commas. `https://*.preview.example` allows all hosts one label below.',
  },
  appUrls: {
    env: 'LATCHKEY_APP_URLS',
    schema: appUrls,
    description:
      'Exact URLs that a redirect sign-in may return to, separated by commas: http, https, or a scheme of your app.',
  },
  demoPage: {
    env: 'LATCHKEY_DEMO_PAGE',
    schema: booleanText.optional(),
    description: 'Serves `/demo`, which shows the connection of a session live. Default: true, in production false.',
  },
  apiDocuments: {
    env: 'LATCHKEY_API_DOCUMENTS',
    schema: booleanSetting(true),
    description: 'Serves the documents of the API at `/openapi.json` and `/asyncapi.json`, and their page at `/docs`.',
  },
} as const;
