-- The presence of one domain: the only writer of its keys. Runs atomically, so that two gateways never see or make
-- half a change. storage/redis/presence.py prepends `local RULE = {...}` (presence/colours.py: rule_table), how long
-- a source may be silent until its word is shown as old (SILENT_MS) and its calls end to count (CALLS_SILENT_MS), and
-- how much is known of one user (DEVICES_AT_MOST, CALLS_AT_MOST).
--
-- KEYS[1]  the domain's prefix, e.g. "p:{acme.example}:"; all keys below begin with it and so share its slot
-- ARGV[1]  action: "report" | "seed" | "tick" | "since" | "position"
-- ARGV[2]  now in milliseconds, or "0" for this server's clock (gateways' clocks may differ; tests inject one)
-- ARGV[3]  MessagePack arguments of the action
-- ARGV[4]  between which moments the clock has to be by that of the caller, and how many jumps of it the caller knows of:
--          "<from> <to> <jumps>"; none if the caller has not seen the domain before
-- ARGV[5]  the timeline of the caller's database, "<database>.<number>"; empty: not known
-- returns  {epoch, version, milliseconds until the next deadline or -1, extra, "<now> <jumps>"}; epoch "" = the domain is
--          not seeded (new, or Redis was emptied)
--
-- All deadlines are moments of this server's clock. Where it was put forward or back, they are moved by as much: nobody
-- goes off line since a clock was wrong, and what has ended does not stay for the hour that came twice.
--
-- An epoch names one life of the domain's data on one server: what seeds it, and the server's run_id. A server that
-- restarts, or a replica that takes over, may have lost the last second and would give versions out a second time;
-- under the new epoch everybody starts over instead. So they do when the database is another one: settings that it does
-- not have are forgotten, and its revisions of settings are not compared with those of the one before.
--
-- meta          hash    epoch (its first part), version, ringing ("1": ringing is busy), jumps (of the clock), timeline (of
--                       the database whose settings are here)
-- u:<user>      hash    facts: d:<source>:<device>, c:<source>:<call>, s:<gateway>, set (settings), out (last told),
--                       left (what was left out since there was too much)
-- view          hash    user -> record as everybody may see it (JSON, ready to send); listed users only
-- special       hash    user -> what is not for everybody: unlisted users, and the truth of those who appear offline
-- changed       zset    user by the version of the last change: "what is new since version v?"
-- deadlines     zset    user by the earliest moment (ms) at which a fact of theirs ends
-- gateways      zset    gateway by the end of its lease (ms)
-- on:<gateway>  set     users with a session on that gateway
-- of:<source>   set     users of whom that source has reported anything
-- sources       hash    source -> {last heard, silent}; only those which send heartbeats
-- todo          set     users to look at again because something about many of them changed
-- log:<user>    list    {when, colour and reason, unknown}: the user's colours of the last day, and when they were not known

local prefix = KEYS[1]
local META, VIEW, SPECIAL = prefix .. 'meta', prefix .. 'view', prefix .. 'special'
local CHANGED, DEADLINES, GATEWAYS = prefix .. 'changed', prefix .. 'deadlines', prefix .. 'gateways'
local SOURCES, MARKED = prefix .. 'sources', prefix .. 'todo'
local CHANNEL = prefix .. 'bus'

local TOMBSTONE_MS = 600000      -- an ended call or a removed device stays known this long: late events do not revive it
local LIST_OVERLAP_S = 2         -- a full list may be this much older than the registrations it does not show
local PUBLISH_AT_MOST = 500      -- changes in one message, so that no frame grows beyond some 100 kB
local LOG_AT_MOST, LOG_SECONDS = 300, 90000
local JUMP_MS = 10000            -- what a clock is put right by in passing, or a hanging server, is no jump

local now = tonumber(ARGV[2])
if now == 0 then
  local clock = redis.call('TIME')
  now = clock[1] * 1000 + math.floor(clock[2] / 1000)
end

local function integer(value) return string.format('%d', value) end

-- ---------------------------------------------------------------- sources that may fall silent

local heard_of, is_silent, anybody_silent = {}, {}, false

local function load_sources()
  local stored = redis.call('HGETALL', SOURCES)
  for i = 1, #stored, 2 do
    local state = cmsgpack.unpack(stored[i + 1])
    heard_of[stored[i]], is_silent[stored[i]] = state[1], state[2]
    anybody_silent = anybody_silent or state[2]
  end
end

local function look_again_at_users_of(source)
  redis.call('SUNIONSTORE', MARKED, MARKED, prefix .. 'of:' .. source)
end

local function source_is_heard(source)
  local was_silent = is_silent[source]
  heard_of[source], is_silent[source] = now, false
  redis.call('HSET', SOURCES, source, cmsgpack.pack({now, false}))
  redis.call('ZADD', DEADLINES, integer(now + SILENT_MS), '@' .. source)
  if was_silent then
    anybody_silent = false
    for _, silent in pairs(is_silent) do anybody_silent = anybody_silent or silent end
    look_again_at_users_of(source)
  end
end

-- The deadline of a source has come: first it counts as silent, later its calls end to count.
local function source_is_due(source)
  local heard = heard_of[source]
  if heard and not is_silent[source] then
    is_silent[source], anybody_silent = true, true
    redis.call('HSET', SOURCES, source, cmsgpack.pack({heard, true}))
    redis.call('ZADD', DEADLINES, integer(heard + CALLS_SILENT_MS), '@' .. source)
  else
    redis.call('ZREM', DEADLINES, '@' .. source)
  end
  look_again_at_users_of(source)
end

local function source_of(field) return string.match(field, '^.:([^:]*):') end

-- When the first of the silent sources that know this user was last heard; nil if none is silent.
local function unknown_since(user)
  local since = nil
  for source, silent in pairs(is_silent) do
    if silent and redis.call('SISMEMBER', prefix .. 'of:' .. source, user) == 1 then
      if not since or heard_of[source] < since then since = heard_of[source] end
    end
  end
  return since
end

-- ---------------------------------------------------------------- facts

-- device: {expires, rev seconds, rev counter, ignore, since, label, removed}
local function newer(a1, b1, a2, b2) return a1 > a2 or (a1 == a2 and b1 > b2) end

local function revision_of(rev)
  if rev then return rev[1], rev[2] end
  return now / 1000, 0
end

local function put_device(user, source, device, ttl, rev, ignore, label)
  local key = prefix .. 'u:' .. user
  local field = 'd:' .. source .. ':' .. device
  local known = redis.call('HGET', key, field)
  local since = now
  local seconds, counter = revision_of(rev)
  if known then
    local old = cmsgpack.unpack(known)
    if rev and newer(old[2], old[3], seconds, counter) then return end
    if old[7] and rev and not newer(seconds, counter, old[2], old[3]) then return end
    if not old[7] then
      since = old[5]
      -- the same registration told again, perhaps late: its lease cannot have become longer
      if rev and seconds == old[2] and counter == old[3] then ttl = math.min(ttl, old[1] - now) end
    end
  else
    redis.call('SADD', prefix .. 'of:' .. source, user)
  end
  redis.call('HSET', key, field, cmsgpack.pack({now + ttl, seconds, counter, ignore, since, label, false}))
end

local function drop_device(user, source, device, rev)
  local key = prefix .. 'u:' .. user
  local field = 'd:' .. source .. ':' .. device
  local known = redis.call('HGET', key, field)
  local seconds, counter = revision_of(rev)
  if known then
    local old = cmsgpack.unpack(known)
    if rev and newer(old[2], old[3], seconds, counter) then return end
    if old[7] then return end
  else
    redis.call('SADD', prefix .. 'of:' .. source, user)
  end
  redis.call('HSET', key, field, cmsgpack.pack({now + TOMBSTONE_MS, seconds, counter, false, now, '', true}))
end

-- call: {phase, rev, since, forgotten at}
local function put_call(user, source, call, phase, ttl, rev)
  local key = prefix .. 'u:' .. user
  local field = 'c:' .. source .. ':' .. call
  local known = redis.call('HGET', key, field)
  local since = now
  if known then
    local old = cmsgpack.unpack(known)
    if old[1] == 'ended' then return end
    if rev and old[2] >= 0 and rev < old[2] and phase ~= 'ended' then return end    -- the end is never too old
    if old[1] == phase then since = old[3] end
  else
    redis.call('SADD', prefix .. 'of:' .. source, user)
  end
  if phase == 'ended' then ttl = TOMBSTONE_MS end
  redis.call('HSET', key, field, cmsgpack.pack({phase, rev or -1, since, now + ttl}))
end

local timeline = ''               -- of the database whose settings are here

local corrected = 0              -- devices and calls that snapshots have put right in this run

-- Each applies a fact and returns the users concerned, if that is not just the fact's own user.
local apply = {}

function apply.device_up(user, fact)
  put_device(user, fact[3], fact[4], fact[5], fact[6], fact[7], fact[8])
end

-- 'set' stays, which says that nobody sees the user, and 'out', so that whoever did is told.
function apply.forgotten(user)
  local key = prefix .. 'u:' .. user
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.match(field, '^[dcs]:') or field == 'left' then redis.call('HDEL', key, field) end
  end
  redis.call('DEL', prefix .. 'log:' .. user)
end

function apply.device_down(user, fact)
  drop_device(user, fact[3], fact[4], fact[5])
end

function apply.call_changed(user, fact)
  put_call(user, fact[3], fact[4], fact[5], fact[6], fact[7])
end

-- Drops what `source` had reported of a user and no longer lists, unless it is younger than the list.
local function drop_unlisted(user, source, listed, at, calls_before)
  local key = prefix .. 'u:' .. user
  local ending = ':' .. source .. ':'
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local kind = string.sub(field, 1, 1)
    if not listed[field] and string.sub(field, 2, #ending + 1) == ending then
      local old = cmsgpack.unpack(redis.call('HGET', key, field))
      if kind == 'd' and not old[7] and old[2] < at - LIST_OVERLAP_S then
        redis.call('HDEL', key, field)
        if old[1] > now then corrected = corrected + 1 end
      elseif kind == 'c' and calls_before and old[1] ~= 'ended' and old[2] < calls_before then
        redis.call('HSET', key, field, cmsgpack.pack({'ended', old[2], now, now + TOMBSTONE_MS}))
        corrected = corrected + 1
      end
    end
  end
end

function apply.device_list(user, fact)
  local source, listed = fact[3], {}
  for _, device in ipairs(fact[5]) do
    listed['d:' .. source .. ':' .. device[4]] = true
    apply.device_up(user, device)
  end
  drop_unlisted(user, source, listed, fact[4], nil)
end

-- Whether a snapshot puts something right by it. What was left out, there being too much, it always brings again.
local function was_missing(user, field)
  local known = redis.call('HMGET', prefix .. 'u:' .. user, field, 'left')
  return not known[1] and not known[2]
end

function apply.source_snapshot(_, fact)
  local source = fact[3]
  local users, listed_of = {}, {}
  local function listed(user)
    user = integer(user)
    if not listed_of[user] then
      listed_of[user] = {}
      users[#users + 1] = user
    end
    return user, listed_of[user]
  end
  for _, device in ipairs(fact[5]) do
    local user, fields = listed(device[2])
    local field = 'd:' .. source .. ':' .. device[4]
    fields[field] = true
    if was_missing(user, field) then corrected = corrected + 1 end
    apply.device_up(user, device)
  end
  for _, call in ipairs(fact[6]) do
    local user, fields = listed(call[2])
    local field = 'c:' .. source .. ':' .. call[4]
    fields[field] = true
    if was_missing(user, field) then corrected = corrected + 1 end
    apply.call_changed(user, call)
  end
  for _, known in ipairs(redis.call('SMEMBERS', prefix .. 'of:' .. source)) do
    local user, fields = listed(known)
    drop_unlisted(user, source, fields, fact[4], fact[7])
  end
  return users
end

function apply.source_heard(_, fact)
  source_is_heard(fact[3])
  return {}
end

function apply.sessions_changed(user, fact)
  local key = prefix .. 'u:' .. user
  local gateway, here = fact[3], prefix .. 'on:' .. fact[3]
  if fact[4] then
    redis.call('HSETNX', key, 's:' .. gateway, integer(now))
    redis.call('SADD', here, user)
  else
    redis.call('HDEL', key, 's:' .. gateway)
    redis.call('SREM', here, user)
  end
end

-- Settings of a database that is not there any more count for nothing.
local function are_of_now(settings) return (settings[11] or timeline) == timeline end

-- settings: {rev, dnd, dnd since, appear offline, message, message until, listed, scope, site, dnd pending, timeline}
function apply.settings_changed(user, fact)
  local key = prefix .. 'u:' .. user
  local stored = redis.call('HGET', key, 'set')
  local known = stored and cmsgpack.unpack(stored)
  if known and are_of_now(known) and known[1] >= fact[3] then return end
  redis.call('HSET', key, 'set', cmsgpack.pack({fact[3], fact[4], fact[5], fact[6], fact[7], fact[8], fact[9], fact[10], fact[11],
    fact[12] or false, timeline ~= '' and timeline or nil}))
end

-- ---------------------------------------------------------------- evaluation

local NO_SETTINGS = {0, false, 0, false, '', 0, true, 0, '', false}
local lease_of = {}              -- gateway -> end of its lease, read once a run

local function gateway_lives(gateway)
  if lease_of[gateway] == nil then
    lease_of[gateway] = tonumber(redis.call('ZSCORE', GATEWAYS, gateway) or 0)
  end
  return lease_of[gateway] > now
end

local left_out = {devices = 0, calls = 0, user = ''}       -- in this run, and of whom at last

local WEIGHT = {ended = 0, ringing = 1}                     -- of a call; all others make busy

-- Each is {weight, end, field}: what makes the colour is the last to go, and what ends first goes before the rest.
local function outweighs(one, other)
  if one[1] ~= other[1] then return one[1] > other[1] end
  if one[2] ~= other[2] then return one[2] > other[2] end
  return one[3] < other[3]
end

-- How many of those that went were still alive.
local function keep_best(key, facts, most)
  table.sort(facts, outweighs)
  local alive = 0
  for i = most + 1, #facts do
    redis.call('HDEL', key, facts[i][3])
    if facts[i][4] then alive = alive + 1 end
  end
  return alive
end

-- Of one user so much is known that it would hold up everybody: the newest is kept, and the colour is what it was.
local function leave_out(key, user)
  local live, removed, calls = {}, {}, {}
  local stored = redis.call('HGETALL', key)
  for i = 1, #stored, 2 do
    local field, kind = stored[i], string.sub(stored[i], 1, 2)
    if kind == 'd:' then
      local device = cmsgpack.unpack(stored[i + 1])
      local into = device[7] and removed or live
      into[#into + 1] = {device[4] and 0 or 1, device[1], field, not device[7]}
    elseif kind == 'c:' then
      local call = cmsgpack.unpack(stored[i + 1])
      calls[#calls + 1] = {WEIGHT[call[1]] or 2, call[4], field, call[1] ~= 'ended'}
    end
  end
  keep_best(key, removed, DEVICES_AT_MOST)
  local devices_went, calls_went = keep_best(key, live, DEVICES_AT_MOST), keep_best(key, calls, CALLS_AT_MOST)
  if devices_went + calls_went == 0 then return end
  left_out = {devices = left_out.devices + devices_went, calls = left_out.calls + calls_went, user = user}
  local before = redis.call('HGET', key, 'left')
  local known = before and cmsgpack.unpack(before) or {0, 0}
  redis.call('HSET', key, 'left', cmsgpack.pack({known[1] + devices_went, known[2] + calls_went, now}))
end

-- Reads the facts of a user, forgets those that have ended; returns parts, settings, last told, next deadline.
local function read_facts(key, user)
  local parts = {calls = 0, phone = false, chat = false, unknown = anybody_silent and unknown_since(user)}
  local settings, out, deadline = NO_SETTINGS, nil, nil
  local devices, removed, calls = 0, 0, 0
  local stored = redis.call('HGETALL', key)
  for i = 1, #stored, 2 do
    local field, value = stored[i], stored[i + 1]
    local kind = string.sub(field, 1, 2)
    local ends = nil
    if kind == 'd:' then
      local device = cmsgpack.unpack(value)
      ends = device[1]
      -- What runs out while its source is silent may have been renewed: the last that is known stands, marked as
      -- unknown, until the source is heard again. A dead link must not look like everybody going home.
      local stands = ends <= now and anybody_silent and is_silent[source_of(field)] and not device[7]
      if (ends > now or stands) and not device[7] and not device[4] then parts.phone = true end
      if device[7] then removed = removed + 1 elseif stands or ends > now then devices = devices + 1 end
      if stands then ends = nil end
    elseif kind == 'c:' then
      local call = cmsgpack.unpack(value)
      ends = call[4]
      calls = calls + 1
      local source = anybody_silent and source_of(field)
      local counts = not (source and is_silent[source] and now - heard_of[source] >= CALLS_SILENT_MS)
      if ends > now and counts then
        if call[1] == 'ringing' then
          if parts.calls == 0 then parts.calls = 1 end
        elseif call[1] ~= 'ended' then
          parts.calls = 2
        end
      end
    elseif kind == 's:' then
      local gateway = string.sub(field, 3)
      if gateway_lives(gateway) then
        parts.chat = true
      else
        redis.call('HDEL', key, field)
        redis.call('SREM', prefix .. 'on:' .. gateway, user)
      end
    elseif field == 'set' then
      settings = cmsgpack.unpack(value)
      if not are_of_now(settings) then settings = NO_SETTINGS end
    elseif field == 'out' then
      out = cmsgpack.unpack(value)
    elseif field == 'left' and cmsgpack.unpack(value)[3] < now - LOG_SECONDS * 1000 then
      redis.call('HDEL', key, field)
    end
    if ends then
      if ends <= now then redis.call('HDEL', key, field)
      elseif not deadline or ends < deadline then deadline = ends end
    end
  end
  if devices > DEVICES_AT_MOST or removed > DEVICES_AT_MOST or calls > CALLS_AT_MOST then
    leave_out(key, user)
    return read_facts(key, user)
  end
  if settings[6] > now and (not deadline or settings[6] < deadline) then deadline = settings[6] end
  return parts, settings, out, deadline
end

local CALLS = {[1] = ',"calls":"ringing"', [2] = ',"calls":"busy"'}

-- The record without user, rev and since: what makes one state differ from another, and what is sent.
local function state_of(parts, settings, ringing)
  local index = parts.calls * 16 + (settings[2] and 8 or 0) + (parts.phone and 4 or 0) + (parts.chat and 2 or 0) + ringing
  local colour, reason = RULE[index + 1][1], RULE[index + 1][2]
  local json = ''
  if colour ~= 'offline' then json = ',"colour":"' .. colour .. '","reason":"' .. reason .. '"' end
  if parts.chat then json = json .. ',"chat":true' end
  if parts.phone then json = json .. ',"phone":true' end
  if parts.calls > 0 then json = json .. CALLS[parts.calls] end
  if settings[2] then json = json .. ',"dnd":true' end
  if settings[10] then json = json .. ',"dnd_pending":true' end
  if settings[5] ~= '' and (settings[6] == 0 or settings[6] > now) then
    json = json .. ',"message":' .. cjson.encode(settings[5])
  end
  if parts.unknown then json = json .. ',"unknown_since":' .. integer(math.floor(parts.unknown / 1000)) end
  return json, colour .. ' ' .. reason
end

local function record_of(user, told)
  return '{"user":' .. user .. ',"rev":' .. integer(told.rev) .. ',"since":' .. integer(math.floor(told.since / 1000)) .. told.json .. '}'
end

-- told: {json, mood, rev, since}; a mood is colour and reason, and `since` is when it began
local function tell(before, json, mood, version)
  if before and before.json == json then return before, false end
  local since = now
  if before and before.mood == mood then since = before.since end
  return {json = json, mood = mood, rev = version, since = since}, true
end

-- out: {shown json, mood, rev, since, listed, own json, mood, rev, since, who manages}
local function unpack_out(out)
  if not out then return nil, nil, nil, nil end
  local shown = {json = out[1], mood = out[2], rev = out[3], since = out[4]}
  local own = nil
  if out[6] then own = {json = out[6], mood = out[7], rev = out[8], since = out[9]} end
  return shown, own, out[5], out[10]
end

local epoch, version, ringing, seen_version, jumps
local changes = {}               -- in the order of their versions, one version each: {record or entry, is special}

local function special_of(user, listed, settings, shown, own)
  local json = '{"user":' .. user .. ',"rev":' .. integer(version)
  if not listed then
    json = json .. ',"listed":false,"scope":' .. integer(settings[8]) .. ',"site":' .. cjson.encode(settings[9])
  end
  json = json .. ',"shown":' .. record_of(user, shown)
  if own then json = json .. ',"own":' .. record_of(user, own) end
  return json .. '}'
end

-- Writes down a colour that begins, and that nobody knows it any more or again. Unknown is it since the switch was last
-- heard, which is before now; who does not want to be disturbed is so whatever phones do.
local function remember(user, was, mood, unknown)
  local was_unknown = was and string.find(was.json, ',"unknown_since":', 1, true) and not string.find(was.mood, 'do_not_disturb', 1, true)
  local is_unknown = unknown and not string.find(mood, 'do_not_disturb', 1, true)
  if was and was.mood == mood and not was_unknown == not is_unknown then return end
  local log, since = prefix .. 'log:' .. user, now
  if is_unknown and not was_unknown then
    local last = redis.call('LINDEX', log, -1)
    since = math.max(unknown, last and cmsgpack.unpack(last)[1] or 0)
  end
  local length = redis.call('RPUSH', log, cmsgpack.pack({since, mood, is_unknown and true or false}))
  if length > LOG_AT_MOST then redis.call('LTRIM', log, -LOG_AT_MOST, -1) end
  redis.call('EXPIRE', log, LOG_SECONDS)
end

-- Recomputes one user and notes the change, if there is one that anybody may see.
local function evaluate(user)
  local key = prefix .. 'u:' .. user
  local parts, settings, out, deadline = read_facts(key, user)
  if deadline then redis.call('ZADD', DEADLINES, integer(deadline), user) else redis.call('ZREM', DEADLINES, user) end

  local was_shown, was_own, was_listed, was_managed = unpack_out(out)
  local listed, hides = settings[7], settings[4]
  local managed = listed and '' or (integer(settings[8]) .. ' ' .. settings[9])
  local truth, truth_mood = state_of(parts, settings, ringing)
  if hides then truth = truth .. ',"appears_offline":true' end
  if not out and truth == '' and listed and not hides then return end       -- never seen: still nothing to tell

  local next_version = version + 1
  local shown, shown_changed, own, own_changed
  if hides then
    shown, shown_changed = tell(was_shown, '', 'offline not_registered', next_version)
    own, own_changed = tell(was_own or was_shown, truth, truth_mood, next_version)
  else
    shown, shown_changed = tell(was_shown, truth, truth_mood, next_version)
    own, own_changed = nil, was_own ~= nil
    if own_changed and not shown_changed then
      -- stops appearing offline while being offline: the same words, but newer than the user's own last record
      shown, shown_changed = {json = shown.json, mood = shown.mood, rev = next_version, since = shown.since}, true
    end
  end
  if was_listed == nil then was_listed = true end
  if not (shown_changed or own_changed or was_listed ~= listed or (was_managed or '') ~= managed) then return end

  remember(user, was_own or was_shown, truth_mood, parts.unknown)
  version = next_version
  if was_listed ~= listed then shown.rev = version end
  local kept = {shown.json, shown.mood, shown.rev, shown.since, listed}
  if own or not listed then
    kept = {shown.json, shown.mood, shown.rev, shown.since, listed,
      own and own.json or false, own and own.mood or false, own and own.rev or false, own and own.since or false, managed}
  end
  redis.call('HSET', key, 'out', cmsgpack.pack(kept))
  redis.call('ZADD', CHANGED, integer(version), user)

  local record = record_of(user, shown)
  if listed then redis.call('HSET', VIEW, user, record) else redis.call('HDEL', VIEW, user) end
  if own or not listed then
    local entry = special_of(user, listed, settings, shown, own)
    redis.call('HSET', SPECIAL, user, entry)
    changes[#changes + 1] = {entry, true}
  elseif was_own or not was_listed then
    redis.call('HDEL', SPECIAL, user)
    changes[#changes + 1] = {special_of(user, listed, settings, shown, own), true}
  else
    changes[#changes + 1] = {record, false}
  end
end

-- ---------------------------------------------------------------- telling

local function publish()
  if version == seen_version then return end
  redis.call('HSET', META, 'version', integer(version))
  for first = 1, #changes, PUBLISH_AT_MOST do
    local last = math.min(first + PUBLISH_AT_MOST - 1, #changes)
    local plain, special = {}, {}
    for i = first, last do
      local into = changes[i][2] and special or plain
      into[#into + 1] = changes[i][1]
    end
    redis.call('SPUBLISH', CHANNEL, 'P' .. epoch .. ' ' .. integer(seen_version + first - 1) .. ' '
      .. integer(seen_version + last) .. '\n' .. table.concat(plain, ',') .. '\n' .. table.concat(special, ','))
  end
end

-- Looks again at some of those who have to be; the rest is for the next tick, which is due at once.
local function work_off(most)
  if redis.call('EXISTS', MARKED) == 0 then return end
  for _, user in ipairs(redis.call('SPOP', MARKED, most)) do evaluate(user) end
end

local function until_deadline()
  if redis.call('EXISTS', MARKED) == 1 then return 0 end
  local first = redis.call('ZRANGE', DEADLINES, 0, 0, 'WITHSCORES')
  local lease = redis.call('ZRANGE', GATEWAYS, 0, 0, 'WITHSCORES')
  local at = tonumber(first[2] or 0)
  local ends = tonumber(lease[2] or 0)
  if at == 0 or (ends > 0 and ends < at) then at = ends end
  return at > 0 and math.max(0, at - now) or -1
end

local function on_this_server(first_part)
  local info = redis.pcall('INFO', 'server')
  local run_id = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
  return first_part .. '.' .. string.sub(run_id, 1, 8)
end

-- Of the same database only a later timeline: some gateway may not have seen yet that another server took over.
local function is_superseded_by(given)
  if timeline == '' or given == '' or given == timeline then return false end
  local database, number = string.match(timeline, '^(.*)%.(%x+)$')
  local of_given, later = string.match(given, '^(.*)%.(%x+)$')
  return database ~= of_given or later > number
end

local is_superseded = false      -- what is here is of another database

local function load_meta()
  local meta = redis.call('HMGET', META, 'epoch', 'version', 'ringing', 'jumps', 'timeline')
  timeline = meta[5] or ''
  is_superseded = meta[1] and is_superseded_by(ARGV[5] or '')
  if meta[1] and timeline == '' and (ARGV[5] or '') ~= '' then     -- seeded by whoever did not know it
    timeline = ARGV[5]
    redis.call('HSET', META, 'timeline', timeline)
  end
  epoch = meta[1] and not is_superseded and on_this_server(meta[1]) or ''
  version, ringing = tonumber(meta[2] or 0), (meta[3] == '1') and 1 or 0
  seen_version, jumps = version, tonumber(meta[4] or 0)
end

local function answer(extra)
  return {epoch, integer(version), integer(until_deadline()), extra or '', integer(now) .. ' ' .. integer(jumps)}
end

local function apply_facts(facts)
  local touched, order = {}, {}
  for _, fact in ipairs(facts) do
    local user = integer(fact[2])
    for _, concerned in ipairs(apply[fact[1]](user, fact) or {user}) do
      if not touched[concerned] then
        touched[concerned] = true
        order[#order + 1] = concerned
      end
    end
  end
  for _, user in ipairs(order) do evaluate(user) end
  work_off(PUBLISH_AT_MOST)
end

-- ---------------------------------------------------------------- actions

local action = {}

-- facts. extra: nothing, or how many devices and calls snapshots among them have put right, how many devices and how
-- many calls were left out, and of whom
function action.report(facts)
  if epoch == '' then return answer() end
  apply_facts(facts)
  publish()
  if corrected + left_out.devices + left_out.calls == 0 then return answer() end
  return answer(table.concat({integer(corrected), integer(left_out.devices), integer(left_out.calls), left_out.user}, ' '))
end

-- {new epoch, ringing is busy, settings facts}: makes the domain if it is not there; else brings its settings up to date
function action.seed(arguments)
  local ringing_now = arguments[2] and '1' or '0'
  if epoch == '' then
    timeline = ARGV[5] or ''
    epoch = on_this_server(arguments[1])     -- versions go on: records of the facts that stay have theirs
    redis.call('HSET', META, 'epoch', arguments[1], 'version', integer(version), 'ringing', ringing_now,
      'timeline', timeline)
    ringing = arguments[2] and 1 or 0
    for _, user in ipairs(redis.call('ZRANGE', CHANGED, 0, -1)) do redis.call('SADD', MARKED, user) end
  elseif ringing_now ~= tostring(ringing) then
    ringing = arguments[2] and 1 or 0
    redis.call('HSET', META, 'ringing', ringing_now)
    for _, user in ipairs(redis.call('ZRANGE', CHANGED, 0, -1)) do redis.call('SADD', MARKED, user) end
  end
  apply_facts(arguments[3])
  publish()
  return answer()
end

-- {epoch, version}: what changed since then, for a gateway that missed something.
-- extra: "P..." as published; or "snapshot" if the epoch is another one
function action.since(arguments)
  if epoch == '' or arguments[1] ~= epoch or arguments[2] > version then return answer('snapshot') end
  local plain, special = {}, {}
  for _, user in ipairs(redis.call('ZRANGE', CHANGED, '(' .. integer(arguments[2]), '+inf', 'BYSCORE')) do
    local entry = redis.call('HGET', SPECIAL, user)
    local record = not entry and redis.call('HGET', VIEW, user)
    if entry then special[#special + 1] = entry elseif record then plain[#plain + 1] = record end
  end
  return answer('P' .. epoch .. ' ' .. integer(arguments[2]) .. ' ' .. integer(version) .. '\n'
    .. table.concat(plain, ',') .. '\n' .. table.concat(special, ','))
end

-- {}: which stream, and how far in it
function action.position() return {epoch, integer(version), -1, '', integer(now) .. ' ' .. integer(jumps)} end

-- {gateway, lease in ms, most users}: renews the gateway's lease (0: ends it) and ends what is over.
-- extra: "lost" if the lease had ended meanwhile, so that the gateway reports its sessions again;
-- "more" if not everything that is due was done
function action.tick(arguments)
  if epoch == '' then return answer('lost') end
  local gateway, lease, most = arguments[1], arguments[2], arguments[3]
  local extra = ''
  if lease > 0 then
    local until_then = tonumber(redis.call('ZSCORE', GATEWAYS, gateway) or 0)
    if until_then <= now then extra = 'lost' end
    redis.call('ZADD', GATEWAYS, integer(now + lease), gateway)
  elseif gateway ~= '' then
    redis.call('ZADD', GATEWAYS, '0', gateway)
  end
  local due, order = {}, {}
  local function add(user)
    if not due[user] then
      due[user] = true
      order[#order + 1] = user
    end
  end
  for _, over in ipairs(redis.call('ZRANGE', GATEWAYS, '-inf', integer(now), 'BYSCORE')) do
    local users = redis.call('SPOP', prefix .. 'on:' .. over, most)
    for _, user in ipairs(users) do
      redis.call('HDEL', prefix .. 'u:' .. user, 's:' .. over)
      add(user)
    end
    if #users < most then redis.call('ZREM', GATEWAYS, over) end
  end
  for _, member in ipairs(redis.call('ZRANGE', DEADLINES, '-inf', integer(now), 'BYSCORE', 'LIMIT', 0, most)) do
    if string.sub(member, 1, 1) == '@' then source_is_due(string.sub(member, 2)) else add(member) end
  end
  for _, user in ipairs(order) do evaluate(user) end
  work_off(most)
  if extra == '' and (#order >= most or redis.call('EXISTS', MARKED) == 1) then extra = 'more' end
  publish()
  return answer(extra)
end

-- ---------------------------------------------------------------- a clock that jumps

local function move_facts(key, by)
  local stored = redis.call('HGETALL', key)
  for i = 1, #stored, 2 do
    local at = ({['d:'] = 1, ['c:'] = 4})[string.sub(stored[i], 1, 2)]
    if at then
      local fact = cmsgpack.unpack(stored[i + 1])
      fact[at] = fact[at] + by
      redis.call('HSET', key, stored[i], cmsgpack.pack(fact))
    end
  end
end

local function move_deadlines(by)
  for _, member in ipairs(redis.call('ZRANGE', DEADLINES, 0, -1)) do
    if string.sub(member, 1, 1) == '@' then
      redis.call('ZINCRBY', DEADLINES, integer(by), member)
    else
      move_facts(prefix .. 'u:' .. member, by)
      redis.call('SADD', MARKED, member)
    end
  end
  for source, heard in pairs(heard_of) do
    heard_of[source] = heard + by
    redis.call('HSET', SOURCES, source, cmsgpack.pack({heard + by, is_silent[source]}))
  end
  local leases = redis.call('ZRANGE', GATEWAYS, 0, -1, 'WITHSCORES')
  for i = 1, #leases, 2 do
    if tonumber(leases[i + 1]) > 0 then redis.call('ZINCRBY', GATEWAYS, integer(by), leases[i]) end
  end
end

-- Only the first gateway that notices moves anything; the others learn by the count that it was done.
local function follow_clock(expected)
  local from, to, known = string.match(expected, '^(%d+) (%d+) (%d+)$')
  if epoch == '' or not from or tonumber(known) ~= jumps then return end
  local behind, ahead = now - from, now - to
  if behind >= -JUMP_MS and ahead <= JUMP_MS then return end
  jumps = jumps + 1
  redis.call('HSET', META, 'jumps', integer(jumps))
  move_deadlines(ahead > JUMP_MS and ahead or behind)
end

load_meta()
load_sources()
follow_clock(ARGV[4] or '')
return action[ARGV[1]](cmsgpack.unpack(ARGV[3]))
