-- Only the modules that the scenarios use, no TLS, no limits, WebSocket on the loopback interface.
run_as_root = true
daemonize = false
data_path = "@RUN@/data"
log = { warn = "@RUN@/prosody.log" }
interfaces = { "127.0.0.1" }
c2s_ports = {}; c2s_direct_tls_ports = {}; legacy_ssl_ports = {}; s2s_ports = {}; https_ports = {}
http_ports = { @PORT@ }; http_interfaces = { "127.0.0.1" }
http_default_host = "@HOST@"
network_backend = "epoll"
network_settings = { tcp_backlog = 4096 }
gc = { mode = "generational" }
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
consider_websocket_secure = true
storage = "internal"
groups_file = "@RUN@/groups.txt"
modules_disabled = { "s2s", "offline" }
modules_enabled = { "disco", "roster", "saslauth", "websocket", @MODULES@ }
VirtualHost "@HOST@"
@ARCHIVE@
