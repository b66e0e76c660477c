/** The addresses of the HTTP interface that the client uses; the reference is /openapi.json. */

export const PATHS = Object.freeze({
  socket: "/ws",
  login: "/v1/login",
  logout: "/v1/logout",
  me: "/v1/me",
  profile: "/v1/profile",
  directory: "/v1/directory",
  notifications: "/v1/notifications",
  pushKey: "/v1/push/key",
  pushSubscription: "/v1/push/subscription",
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
