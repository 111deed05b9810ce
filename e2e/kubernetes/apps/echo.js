// Answers each request with what it was asked, as JSON: echo.js [PORT]. GET /status/CODE has that status.
const http = require('node:http');
const os = require('node:os');

http
  .createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const parts = request.url.split('?')[0].split('/');
      const said = JSON.stringify({
        app: 'node',
        host: os.hostname(),
        method: request.method,
        path: request.url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(parts[1] === 'status' && parts[2] ? Number(parts[2]) : 200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(said) + 1,
      });
      response.end(said + '\n');
    });
  })
  .listen(Number(process.argv[2] || 8080));

process.on('SIGTERM', () => process.exit(0));
