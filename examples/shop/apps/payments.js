// The shop's payments. It calls nobody, so there is no trace header to pass on.
// Run it with: node payments.js
// To break it: GET /fault?every=5 fails each fifth request, every=1 all, every=0 none.
'use strict';
const http = require('http');
const http2 = require('http2');
const net = require('net');

let every = 0;
let seen = 0;

function answer(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function fault(response, query) {
  const asked = Number(query.get('every') ?? NaN);
  if (!Number.isInteger(asked) || asked < 0) {
    return answer(response, 400, { error: 'every=N: each Nth request fails, 0: none' });
  }
  every = asked;
  seen = 0;
  return answer(response, 200, { every });
}

function serve(request, response) {
  const url = new URL(request.url, 'http://payments');
  if (url.pathname === '/fault') {
    return fault(response, url.searchParams);
  }
  seen += 1;
  if (every > 0 && seen % every === 0) {
    return answer(response, 503, { error: 'out of order' });
  }
  return answer(response, 200, { taken: true });
}

// HTTP/1.1 and HTTP/2 on one port: a client of the latter begins with its own preface.
const http1Server = http.createServer(serve);
const http2Server = http2.createServer(serve);
const server = net.createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (head) => {
    socket.pause();
    socket.unshift(head);
    (head.toString('latin1', 0, 3) === 'PRI' ? http2Server : http1Server).emit('connection', socket);
    process.nextTick(() => socket.resume());
  });
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(0));
}
server.listen(8080, () => console.log('payments: http://localhost:8080/'));
