/** The addresses of the HTTP interface that the client uses; the reference is /openapi.json. */

export const PATHS = Object.freeze({
  socket: "/ws",
  login: "/v1/login",
  logout: "/v1/logout",
  me: "/v1/me",
  profile: "/v1/profile",
  directory: "/v1/directory",
});
