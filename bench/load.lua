-- Sends the requests of a file. Pages are chosen at random again and again; forms are sent in their
-- order, each once, and the load ends with the last one.
-- Arguments: the file and the accepted encoding. A line is a request: address, session id and, for a
-- form, its body, separated by tabs.

local requests, count, sent, once = {}, 0, 0, false

local function prepare(line, encoding)
  local path, sid, body = line:match("^([^\t]*)\t([^\t]*)\t?(.*)$")
  local headers = { ["Cookie"] = "__Host-sid=" .. sid, ["Accept-Encoding"] = encoding }
  if body == "" then return wrk.format("GET", path, headers) end
  once = true
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  headers["Sec-Fetch-Site"] = "same-origin"
  return wrk.format("POST", path, headers, body)
end

function init(args)
  math.randomseed(os.time())
  for line in io.lines(args[1]) do
    count = count + 1
    requests[count] = prepare(line, args[2])
  end
end

function request()
  if not once then return requests[math.random(count)] end
  sent = sent + 1
  if sent >= count then wrk.thread:stop() end
  return requests[math.min(sent, count)]
end

-- The last line of the output: microseconds and counts for load.py.
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("\nload %d %d %d %d %d %d\n", summary.requests, summary.duration,
    failed, latency:percentile(50), latency:percentile(99), summary.bytes))
end
