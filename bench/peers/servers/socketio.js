// Socket.IO as it would be used for this: rooms, the adapter in memory, WebSocket only. People have a token, are told who is
// there and write to each other; nothing is kept, and nothing is checked besides the token.
const http = require('http').createServer();
const { Server } = require('socket.io');
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, httpCompression: false, serveClient: false });
const shown = new Map();                                // user -> presence



function person(socket, user) {
  socket.join('team');
  socket.join(user);
  socket.emit('ready', [...shown.values()]);
  socket.on('presence', ({ show, status }) => {
    const presence = { user, show, status };
    shown.set(user, presence);
    socket.to('team').emit('presence', presence);
  });
  socket.on('chat', message => { socket.to(message.to).emit('chat', { from: user, ...message }); });
  socket.on('disconnect', () => {
    shown.delete(user);
    socket.to('team').emit('presence', { user, show: 'offline' });
  });
}

io.use((socket, next) => next(socket.handshake.query.token === 'secret' ? undefined : new Error('refused')));
io.on('connection', socket => {
  const { role, user } = socket.handshake.query;
  socket.conn.request = null;                           // as its manual advises, for memory
  if (role === 'person') person(socket, user);
  else if (role === 'subscriber') socket.join('team');
  else socket.on('publish', message => io.to('team').emit('presence', message));
});
http.listen({ port: +process.argv[2], host: '127.0.0.1', backlog: 4096 });
