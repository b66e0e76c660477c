/** The addresses of the HTTP interface that the client uses; the reference is /openapi.json. */

export const PATHS = Object.freeze({
  socket: "/ws",
  login: "/v1/login",
  secondStep: "/v1/login/second-factor",
  setUpToLogIn: "/v1/login/second-factor/set-up",
  signOn: "/v1/sign-on",
  askForPasskey: "/v1/login/passkey/begin",
  passkeyLogin: "/v1/login/passkey",
  askForOwnPasskey: "/v1/login/second-factor/passkey",
  passkeys: "/v1/passkeys",
  beginPasskey: "/v1/passkeys/begin",
  /** @param {string} passkey */
  removePasskey: (passkey) => `/v1/passkeys/${encodeURIComponent(passkey)}/remove`,
  logout: "/v1/logout",
  forgotten: "/v1/password/forgotten",
  passwordLink: "/v1/password/link",
  password: "/v1/password",
  logins: "/v1/sessions",
  /** @param {string} session */
  oneLogin: (session) => `/v1/sessions/${encodeURIComponent(session)}`,
  secondFactor: "/v1/second-factor",
  totp: "/v1/second-factor/totp",
  confirmTotp: "/v1/second-factor/totp/confirm",
  recoveryCodes: "/v1/second-factor/recovery-codes",
  turnOffFactor: "/v1/second-factor/turn-off",
  me: "/v1/me",
  profile: "/v1/profile",
  confirmation: "/v1/profile/emails/confirmation",
  emailLink: "/v1/email/link",
  confirmEmail: "/v1/email/confirm",
  users: "/v1/users",
  /** @param {number} user */
  user: (user) => `/v1/users/${user}`,
  /** @param {number} user */
  confirmationOf: (user) => `/v1/users/${user}/emails/confirmation`,
  /** @param {number} user */
  welcome: (user) => `/v1/users/${user}/welcome`,
  /** @param {number} user */
  passwordReset: (user) => `/v1/users/${user}/password-reset`,
  /** @param {number} user */
  reset: (user) => `/v1/users/${user}/reset`,
  /** @param {number} user */
  mask: (user) => `/v1/users/${user}/mask`,
  endMask: "/v1/mask/end",
  audit: "/v1/audit",
  auditExport: "/v1/audit/export",
  /** @param {number} user */
  secondFactorOf: (user) => `/v1/users/${user}/second-factor`,
  ownPhoto: "/v1/profile/photo",
  /** @param {number} user */
  photo: (user) => `/v1/users/${user}/photo`,
  /** @param {number} user */
  account: (user) => `/v1/users/${user}/account`,
  domain: "/v1/domain",
  domainSecurity: "/v1/domain/security",
  apiKeys: "/v1/api-keys",
  /** @param {string} key */
  apiKey: (key) => `/v1/api-keys/${encodeURIComponent(key)}`,
  sites: "/v1/sites",
  /** @param {string} name */
  site: (name) => `/v1/sites/${encodeURIComponent(name)}`,
  directory: "/v1/directory",
  smsNumbers: "/v1/sms/numbers",
  smsConversations: "/v1/sms/conversations",
  /**
   * @param {number} conversation
   * @param {"json" | "text"} format
   */
  exported: (conversation, format) => `/v1/conversations/${conversation}/export?format=${format}`,
  notifications: "/v1/notifications",
  pushKey: "/v1/push/key",
  pushSubscription: "/v1/push/subscription",
  people: "/v1/people",
  groups: "/v1/people/groups",
  contacts: "/v1/contacts",
  contactChanges: "/v1/contacts/changes",
  ownThings: "/v1/contacts/own",
  trash: "/v1/contacts/trash",
  deleteContacts: "/v1/contacts/delete",
  restoreContacts: "/v1/contacts/restore",
  tagContacts: "/v1/contacts/tag",
  imports: "/v1/contacts/imports",
  export: "/v1/contacts/export",
  /** @param {number} contact */
  contact: (contact) => `/v1/contacts/${contact}`,
  /**
   * @param {"coworker" | "contact"} kind
   * @param {number} target
   */
  favourite: (kind, target) => `/v1/favourites/${kind}/${target}`,
  /** @param {number} user */
  overlay: (user) => `/v1/overlays/${user}`,
  /** @param {string} id */
  import: (id) => `/v1/contacts/imports/${id}`,
  /** @param {number} conversation where to upload files */
  files: (conversation) => `/v1/conversations/${conversation}/files`,
  /** @param {string} file */
  file: (file) => `/v1/files/${file}`,
  /**
   * @param {string} file a picture
   * @param {"small" | "large"} size
   */
  preview: (file, size) => `/v1/files/${file}/preview?size=${size}`,
});
