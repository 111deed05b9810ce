const express = require('express')
const app = express()
const port = 3000

app.get('/hello/:name', (req, res) => {
  res.json({ app: 'express', hello: req.params.name })
})

app.get('/call/:name', async (req, res) => {
  const answer = await fetch(`${process.env.UPSTREAM}/hello/${req.params.name}`)
  res.json(await answer.json())
})

app.get('/events', (req, res) => {
  res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' })
  let n = 0
  const timer = setInterval(() => {
    res.write(`data: ${n++}\n\n`)
    if (n === 5) res.end()
  }, 1000)
  res.on('close', () => clearInterval(timer))
})

app.listen(port, () => {
  console.log(`Example app listening on port ${port}`)
})
