/**
 * Generated from the source by `presence generate`; do not edit.
 *
 * The language between client and server: types for the checker, codes for everybody.
 */

export const PROTOCOL_VERSION = 1;

export const Subprotocol = Object.freeze({ JSON: "presence.v1.json", MSGPACK: "presence.v1.msgpack" });

/** Why a command or request was refused. */
export const ErrorCode = Object.freeze({
  /** The input is wrong; `field` says where. */
  INVALID: "invalid",
  /** Not readable at all, or not an object. */
  MALFORMED: "malformed",
  UNKNOWN_COMMAND: "unknown_command",
  /** No session, or one that has ended. */
  NOT_LOGGED_IN: "not_logged_in",
  /** The login or the password is wrong; which of them is not told. Or the code of a second factor is. */
  WRONG_CREDENTIALS: "wrong_credentials",
  /** The password was right; the login goes on with what `second_factor` of the problem document says. */
  SECOND_FACTOR_REQUIRED: "second_factor_required",
  NOT_ALLOWED: "not_allowed",
  /** It does not exist, or not for you. */
  NOT_FOUND: "not_found",
  /** It changed meanwhile, or exists already. */
  CONFLICT: "conflict",
  TOO_LARGE: "too_large",
  /** What may be stored is used up: something has to be deleted first. */
  NO_ROOM: "no_room",
  /** Over a rate or a limit; come back after `retry_after` seconds. */
  TOO_MANY: "too_many",
  /** A store does not answer. */
  UNAVAILABLE: "unavailable",
  /** A fault of ours. It has been logged. */
  INTERNAL: "internal",
});

/** Why a connection ended. 4000-4499: reconnect (after a random wait); 4500-4999: do not. */
export const CloseCode = Object.freeze({
  /** Too much was waiting for this client: come back and resume from your positions. */
  SLOW_READER: 4000,
  /** This gateway drains; another one takes over. */
  GOING_AWAY: 4001,
  /** Nothing was heard for two heartbeat intervals. */
  NOT_ALIVE: 4002,
  /** Commands kept coming after they were refused. */
  TOO_FAST: 4003,
  /** A store does not answer, so that nothing true could be told. */
  UNAVAILABLE: 4004,
  AUTHENTICATION_TIMEOUT: 4005,
  /** What the user may do or see is another by now: come back and begin with that. */
  ROLE_CHANGED: 4006,
  /** Too many come at the same time, or are here already: `reconnect`, just before, says when to come back. */
  BUSY: 4007,
  /** Another database took over, which may not have what was told last: come back, and see `connected.timeline`. */
  TIMELINE_CHANGED: 4008,
  /** No session, or one that ended: log in again. */
  NOT_LOGGED_IN: 4500,
  /** Logged out, or the session was ended by a manager. */
  SESSION_ENDED: 4501,
  ORIGIN_REFUSED: 4502,
  UNKNOWN_SUBPROTOCOL: 4503,
  /** The client keeps sending what cannot be read: it needs repair, not another try. */
  MALFORMED: 4504,
  TOO_MANY_CONNECTIONS: 4505,
});

const TEMPORARY = new Set(["too_many", "unavailable", "internal"]);

/**
 * Whether the same command or request may succeed later without being changed.
 * @param {string} code an ErrorCode
 */
export function isTemporary(code) {
  return TEMPORARY.has(code);
}

/**
 * Whether to connect again after a connection ended with this code. The range decides, so that it also holds for codes
 * that are newer than this file.
 * @param {number} code
 */
export function shouldReconnect(code) {
  return code < 4500 || code > 4999;
}

/** @typedef {string} ConnectionId */
/** @typedef {number} ConversationId */
/** @typedef {string} DomainId */
/** @typedef {string} Extension */
/** @typedef {string} FileId */
/** @typedef {string} SessionId */
/** @typedef {string} SourceId */
/** @typedef {number} UserId */

/**
 * Where a call leg is. `ended` is final: nothing reopens an ended call.
 * @typedef {"ringing" | "dialing" | "active" | "held" | "ended"} CallPhase
 */

/**
 * A user's calls, taken together.
 * @typedef {"none" | "ringing" | "busy"} Calls
 */

/**
 * What the dot shows. The rule is `presence/colours.py: colour_of`.
 * @typedef {"offline" | "green" | "blue" | "red"} Colour
 */

/** @typedef {"direct" | "group" | "sms"} ConversationKind */

/**
 * What became of a text message that went out.
 * @typedef {"sending" | "sent" | "delivered" | "failed"} Delivery
 */

/** @typedef {"logged_out" | "ended" | "expired"} EndReason */

/**
 * Why a command or request was refused.
 * @typedef {"invalid" | "malformed" | "unknown_command" | "not_logged_in" | "wrong_credentials" | "second_factor_required" | "not_allowed" | "not_found" | "conflict" | "too_large" | "no_room" | "too_many" | "unavailable" | "internal"} ErrorCode
 */

/**
 * What somebody sees who joins a group: all of it, or what comes from then on.
 * @typedef {"all" | "joined"} History
 */

/**
 * Where an import is. `reading` and `applying` go on by themselves; `failed` says why in `problem`.
 * @typedef {"reading" | "ready" | "applying" | "applied" | "undoing" | "undone" | "failed"} ImportStatus
 */

/**
 * What a line in a group's conversation tells of. `managers`: who became one, `members`: who is none any more.
 * @typedef {"created" | "renamed" | "added" | "removed" | "left" | "managers" | "members" | "history"} LineKind
 */

/**
 * Why the colour is what it is. Clients turn it into words of the reader's language.
 * @typedef {"not_registered" | "registered" | "chat" | "on_the_phone" | "ringing" | "do_not_disturb"} Reason
 */

/**
 * What of a user a reset deletes.
 * @typedef {"pin" | "contacts" | "favourites" | "notes" | "status" | "notifications"} ResetPart
 */

/**
 * In a group. Managers remove members and say who else is a manager; nobody removes the creator.
 * @typedef {"member" | "manager" | "creator"} Role
 */

/**
 * What becomes of a row. The last two are only known afterwards.
 * @typedef {"create" | "update" | "duplicate" | "refused" | "left"} RowOutcome
 */

/**
 * What a star is on.
 * @typedef {"coworker" | "contact"} TargetKind
 */

/** @typedef {"everybody" | "set" | "add" | "remove"} WatchMode */

/**
 * A conversation as one of its members sees it. `unread` counts others' messages after the member's `read_seq`.
 *
 * `last_rev`: how many changes of messages there were. `joined_seq`: this member sees what comes after. `group_seq`:
 * number of the newest line, so as of which name, members, roles and `history` are told here. Of two records of `muted`
 * the one with the higher `mute_rev` is the truth.
 * @typedef {object} Conversation
 * @property {ConversationId} conversation
 * @property {ConversationKind} kind
 * @property {Member[]} members
 * @property {number} [last_seq] 0 if absent
 * @property {number} [unread] 0 if absent
 * @property {string} [name] "" if absent
 * @property {Message | null} [last_message]
 * @property {string | null} [updated_at]
 * @property {number} [last_rev] 0 if absent
 * @property {number} [joined_seq] 0 if absent
 * @property {number} [group_seq] 0 if absent
 * @property {History} [history] "all" if absent
 * @property {boolean} [muted] false if absent
 * @property {number} [mute_rev] 0 if absent
 */

/**
 * A listed user as every coworker sees them. `rev`: the directory's revision at this entry's last change.

`gone`: no longer listed, or deleted; forget the entry. `photo`: its revision, to be read at `/v1/users/{user}/photo?rev=`; 0: there is none.
 * @typedef {object} Coworker
 * @property {UserId} user
 * @property {number} rev
 * @property {Extension} extension
 * @property {string} [first_name] "" if absent
 * @property {string} [last_name] "" if absent
 * @property {string} [department] "" if absent
 * @property {string} [site] "" if absent
 * @property {string} [job_title] "" if absent
 * @property {string} [email] "" if absent
 * @property {number} [photo] 0 if absent
 * @property {boolean} [gone] false if absent
 */

/**
 * Why a dot has its colour: everything that is known, with its source and its times (Unix seconds).
 *
 * `presence` is the truth, also of somebody who appears offline to others. `history`: the colours of the last day,
 * oldest first.
 * @typedef {object} Explanation
 * @property {Presence} presence
 * @property {number} at
 * @property {KnownDevice[]} [devices] [] if absent
 * @property {KnownCall[]} [calls] [] if absent
 * @property {KnownSession[]} [sessions] [] if absent
 * @property {KnownSource[]} [sources] [] if absent
 * @property {number} [dnd_since] 0 if absent
 * @property {boolean} [appears_offline] false if absent
 * @property {boolean} [listed] true if absent
 * @property {PastColour[]} [history] [] if absent
 * @property {LeftOut | null} [left_out]
 */

/**
 * A file that was uploaded for a conversation: read it at `/v1/files/{file}`.

`size` in bytes. A `width` (and `height`, in pixels, as it is to be shown): it is a picture with previews, at `/v1/files/{file}/preview`.
 * @typedef {object} File
 * @property {FileId} file
 * @property {string} name
 * @property {string} media_type
 * @property {number} size
 * @property {number} [width] 0 if absent
 * @property {number} [height] 0 if absent
 */

/**
 * A message that was found. `words`: what matched, as it stands in the text.
 * @typedef {object} Hit
 * @property {Message} message
 * @property {string[]} words
 */

/**
 * A call behind a colour. `forgotten_at`: when it ends to count at the latest, if nobody says that it ended.
 * @typedef {object} KnownCall
 * @property {string} source
 * @property {string} call
 * @property {string} phase
 * @property {number} since
 * @property {number} forgotten_at
 * @property {boolean} counts
 */

/**
 * A device behind a colour. Times in Unix seconds. `removed`: it unregistered; `ignored`: it does not count.
 * @typedef {object} KnownDevice
 * @property {string} source
 * @property {string} device
 * @property {string} [label] "" if absent
 * @property {number} since
 * @property {number} expires_at
 * @property {boolean} live
 * @property {boolean} [removed] false if absent
 * @property {boolean} [ignored] false if absent
 */

/**
 * A gateway on which the user has a session available for chat. `live`: the gateway's lease runs.
 * @typedef {object} KnownSession
 * @property {string} gateway
 * @property {number} since
 * @property {boolean} live
 */

/**
 * A switch that knows the user. `silent`: what it said is shown as unknown since `heard_at`.
 * @typedef {object} KnownSource
 * @property {string} source
 * @property {number} heard_at
 * @property {boolean} silent
 */

/**
 * More was reported of a user than is kept (`devices_per_user`, `calls_per_user` of the limits).
 *
 * So often did a device or a call that was still there give way to a newer one, lastly `at`. A device that is
 * registered again counts again.
 * @typedef {object} LeftOut
 * @property {number} [devices] 0 if absent
 * @property {number} [calls] 0 if absent
 * @property {number} at
 */

/**
 * @typedef {object} Limits
 * @property {number} frame_bytes A larger WebSocket frame ends the connection with 1009
 * @property {number} frame_bytes_before_login
 * @property {number} message_length One chat message; about four screens of text
 * @property {number} files_per_message
 * @property {number} file_bytes One file; a larger one is refused while it is being sent
 * @property {number} file_name_length
 * @property {number} file_unsent Files that somebody has uploaded and not yet sent; each is forgotten after a day
 * @property {number} file_hourly Files that somebody may upload within an hour
 * @property {number} file_uploads At the same time, of one person, per gateway
 * @property {string[]} refused_file_types Ends of names that are not taken: what a double click would run
 * @property {number} status_length
 * @property {number} name_length
 * @property {number} group_members Each message is told to all of them
 * @property {number} groups_per_user
 * @property {number} mentions People named in one message
 * @property {number} reactions Different ones beside one message
 * @property {number} search_length
 * @property {number} told_marks_members In a larger conversation, who writes and how far others have read is told only to those who show it (`set_shown`), and the marks of a second together: all would tell all
 * @property {number} typing_every Seconds: `typing` more often is told once. Whoever was not heard of for twice as long has stopped
 * @property {number} page Most items in one page of any list; a larger `limit` is refused
 * @property {number} watched_users Most users whom one connection may name in `watch`
 * @property {number} watch_everybody In a domain with more users than this, a client is told of nobody until it names whom it looks at
 * @property {number} listed_people With more coworkers and contacts than this a client reads lists page by page, and names as it needs them
 * @property {number} coworkers_at_once Users in one `get_coworkers`
 * @property {number} resume_conversations Most conversations whose position a client may bring at connect
 * @property {number} device_ttl Longest registration in seconds; a device refreshes before it ends
 * @property {number} devices_per_user Registered ones that are known; of more, from wherever, those that end last are kept, and nothing is refused
 * @property {number} calls_per_user Calls that are known, those that ended within ten minutes among them; of more, those that make busy are kept
 * @property {number} shared_contacts Most shared contacts of a domain
 * @property {number} own_contacts Most contacts of one user
 * @property {number} favourites
 * @property {number} import_bytes Largest file of contacts; a few thousand cards with photos
 * @property {number} open_imports Imports of one user that are neither applied nor discarded
 * @property {number} commands_per_second
 * @property {number} command_burst
 * @property {number} user_commands_per_second By all connections of one person on a gateway together
 * @property {number} user_command_burst
 * @property {number} connections_per_user Tabs, phones and softphones of one person, per gateway
 */

/**
 * What the sender of this message did to the group. `users`: to whom; `name` and `history`: what they are now.
 * @typedef {object} Line
 * @property {LineKind} kind
 * @property {UserId[]} [users] [] if absent
 * @property {string} [name] "" if absent
 * @property {History | null} [history]
 */

/**
 * Somebody in a conversation, with watermarks that only grow.
 * @typedef {object} Member
 * @property {UserId} user
 * @property {number} [read_seq] 0 if absent
 * @property {number} [delivered_seq] 0 if absent
 * @property {Role} [role] "member" if absent
 */

/**
 * One chat message. `seq` counts from 1 without gaps within its conversation and is the order for everybody.
 *
 * `rev` counts the changes of all messages in the conversation, and is that of this message's last one; 0: as it was
 * sent. Of two records of one message the one with the higher `rev` is the truth. A deleted message keeps its place,
 * and has no text. `reply_to` is the number of another message, which the reader may not be able to see. With a `line`
 * it is no text at all, but tells what its sender did to the group. One with `files` may have no words in its `body`.
 * @typedef {object} Message
 * @property {ConversationId} conversation
 * @property {number} seq
 * @property {UserId} sender
 * @property {string} body
 * @property {string} sent_at
 * @property {string} [client_id] "" if absent
 * @property {File[]} [files] [] if absent
 * @property {number} [rev] 0 if absent
 * @property {string | null} [edited_at]
 * @property {string | null} [deleted_at]
 * @property {number} [reply_to] 0 if absent
 * @property {UserId[]} [mentions] [] if absent
 * @property {Reaction[]} [reactions] [] if absent
 * @property {Line | null} [line]
 * @property {Delivery | null} [delivery]
 */

/**
 * From `at` on, until the next one. `unknown`: a switch was silent, and this only the last that it had said.
 * @typedef {object} PastColour
 * @property {number} at
 * @property {Colour} colour
 * @property {Reason} reason
 * @property {boolean} [unknown] false if absent
 */

/**
 * How far a client has seen a domain's presence: the stream's epoch and the version in it.
 * @typedef {object} Position
 * @property {string} epoch at most 64 characters; one line
 * @property {number} version 0 to 2^53-1
 */

/**
 * One user's presence as one viewer may see it.
 *
 * `rev` is the domain's version at which this record last changed, so it only grows; drop what is not newer. `since`:
 * when this colour for this reason began (0: not known). `unknown_since`: the phone part is only known as of that time,
 * because the switch fell silent. `gone`: the user is no longer visible to you; forget the record.
 * @typedef {object} Presence
 * @property {UserId} user
 * @property {number} rev
 * @property {Colour} [colour] "offline" if absent
 * @property {Reason} [reason] "not_registered" if absent
 * @property {boolean} [chat] false if absent
 * @property {boolean} [phone] false if absent
 * @property {Calls} [calls] "none" if absent
 * @property {boolean} [dnd] false if absent
 * @property {boolean} [dnd_pending] false if absent; A telephone switch has yet to confirm `dnd`: until then a phone may ring that should not, or the reverse
 * @property {string} [message] "" if absent
 * @property {number} [since] 0 if absent
 * @property {number} [unknown_since] 0 if absent
 * @property {boolean} [appears_offline] false if absent; Only ever in one's own record: the others see one as offline
 * @property {boolean} [gone] false if absent
 */

/**
 * One picture beside a message, and by whom, in the order in which they came.
 * @typedef {object} Reaction
 * @property {string} emoji
 * @property {UserId[]} users
 */

/**
 * The first command. A browser is known by its cookie; everybody else brings a `token` or a single-use `ticket`.
 *
 * `available`: this session may be chatted with (it makes the dot blue); a softphone that has no chat window says
 * false. `presence`, `conversations` and `contacts` are the positions of an earlier connection: what they cover is not
 * sent again. They count in the `timeline` that was told then, and for nothing in another one.
 * @typedef {object} Connect
 * @property {"connect"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string | null} [token] 1 to 4,096 characters
 * @property {string | null} [ticket] 1 to 4,096 characters
 * @property {boolean} [available] true if absent
 * @property {string} [client] "" if absent; at most 64 characters; one line
 * @property {Position | null} [presence]
 * @property {Record<ConversationId, number>} [conversations] {} if absent; at most 200 items; 1 to 2^53-1; 0 to 2^53-1
 * @property {Record<ConversationId, number>} [changes] {} if absent; at most 200 items; 1 to 2^53-1; 0 to 2^53-1; Of the same conversations: up to which `rev` the client knows the changes of messages
 * @property {ContactsPosition | null} [contacts]
 * @property {string} [timeline] "" if absent; at most 64 characters; one line; As `connected` told it; empty: as it is now
 */

/**
 * Answers a heartbeat: any frame would do, this is the shortest. Gets no reply.
 * @typedef {object} Alive
 * @property {"alive"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 */

/**
 * Whether this session may be chatted with.
 * @typedef {object} SetAvailable
 * @property {"set_available"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {boolean} available
 */

/**
 * Which conversations this connection shows just now: all of them, each time. Of a large group (more than
 * `told_marks_members`) it is told who writes, and how far others have read, only to those who show it.
 * @typedef {object} SetShown
 * @property {"set_shown"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId[]} conversations at most 20 items; 1 to 2^53-1
 */

/**
 * @typedef {object} SetDnd
 * @property {"set_dnd"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {boolean} on
 */

/**
 * The words beside the dot. `expires_in` in seconds, 0 for ever; an empty message clears it.
 * @typedef {object} SetStatus
 * @property {"set_status"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string} message at most 140 characters; one line
 * @property {number} [expires_in] 0 if absent; 0 to 2,592,000
 */

/**
 * @typedef {object} SetAppearOffline
 * @property {"set_appear_offline"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {boolean} on
 */

/**
 * Whom this connection looks at: everybody (as at first, but in very large domains), or exactly those named.
 *
 * The reply tells how many they are; what is known of users who are new to the connection follows as
 * `presence_changed`, or as `presence_snapshot` after `everybody` and `set`.
 * @typedef {object} Watch
 * @property {"watch"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {WatchMode} mode
 * @property {UserId[]} [users] [] if absent; at most 1,000 items; 1 to 2^31-1
 */

/**
 * What is behind somebody's colour, and the colours of the last day. Of oneself, and of those one manages.
 * @typedef {object} Why
 * @property {"why"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {UserId} user 1 to 2^31-1
 */

/**
 * Asks for a fresh `presence_snapshot`.
 * @typedef {object} GetPresence
 * @property {"get_presence"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 */

/**
 * A softphone registers, or refreshes before `ttl` seconds are over.
 * @typedef {object} RegisterDevice
 * @property {"register_device"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string} device 1 to 128 characters; matches `^[\x21-\x7e]+$`; Made by the softphone and kept by it, e.g. a `urn:uuid:`: the same device after a restart
 * @property {number} [ttl] 120 if absent; 10 to 3,600
 * @property {string} [label] "" if absent; at most 64 characters; one line
 */

/**
 * @typedef {object} UnregisterDevice
 * @property {"unregister_device"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string} device 1 to 128 characters; matches `^[\x21-\x7e]+$`
 */

/**
 * A softphone tells of a call leg of its own user.
 * @typedef {object} ReportCall
 * @property {"report_call"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string} call 1 to 128 characters; matches `^[\x21-\x7e]+$`
 * @property {CallPhase} phase
 */

/**
 * Who are they? For names in a domain whose directory is not read as a whole.
 * @typedef {object} GetCoworkers
 * @property {"get_coworkers"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {UserId[]} users 1 to 200 items; 1 to 2^31-1
 */

/**
 * Who is calling? Asks for the coworkers and contacts that a number belongs to.
 * @typedef {object} LookUpNumber
 * @property {"look_up_number"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string} number 1 to 64 characters; one line
 */

/**
 * The direct conversation with a user; made if there is none yet.
 * @typedef {object} OpenConversation
 * @property {"open_conversation"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {UserId} user 1 to 2^31-1
 */

/**
 * A page, newest first. `before`: the `updated_at` cursor of the last page.
 * @typedef {object} ListConversations
 * @property {"list_conversations"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string | null} [before] at most 128 characters; one line
 * @property {number} [limit] 50 if absent; 1 to 100
 */

/**
 * One conversation as it is now: who is in it, and how far everybody has read.
 * @typedef {object} GetConversation
 * @property {"get_conversation"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 */

/**
 * A new group of oneself and `users`. The same `client_id` again finds the group that it made.
 *
 * `history`: what those see who join later.
 * @typedef {object} CreateGroup
 * @property {"create_group"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string} client_id 8 to 64 characters; matches `^[A-Za-z0-9._-]+$`
 * @property {string} name 1 to 64 characters; one line
 * @property {UserId[]} [users] [] if absent; at most 200 items; 1 to 2^31-1
 * @property {History} [history] "all" if absent
 */

/**
 * @typedef {object} RenameGroup
 * @property {"rename_group"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {string} name 1 to 64 characters; one line
 */

/**
 * What those see who join from now on. For managers of the group.
 * @typedef {object} SetHistory
 * @property {"set_history"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {History} history
 */

/**
 * Anybody in a group may add people; who is in it already is passed over.
 * @typedef {object} AddMembers
 * @property {"add_members"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {UserId[]} users 1 to 200 items; 1 to 2^31-1
 */

/**
 * For managers of the group. Who is not in it is passed over.
 * @typedef {object} RemoveMember
 * @property {"remove_member"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {UserId} user 1 to 2^31-1
 */

/**
 * @typedef {object} LeaveGroup
 * @property {"leave_group"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 */

/**
 * Makes a member a manager of the group, or no longer. For managers of the group.
 * @typedef {object} SetManager
 * @property {"set_manager"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {UserId} user 1 to 2^31-1
 * @property {boolean} on
 */

/**
 * A muted conversation draws attention only to mentions of oneself. Nobody else is told.
 * @typedef {object} SetMuted
 * @property {"set_muted"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {boolean} on
 */

/**
 * `client_id` is made by the client and makes sending idempotent for ever.
 *
 * `mentions`: who is named in the text. `reply_to`: number of the message that this answers. `files` were uploaded for
 * this conversation before, and go with the message or not at all. Without any, `body` must have something to read.
 * @typedef {object} SendMessage
 * @property {"send_message"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {string} client_id 8 to 64 characters; matches `^[A-Za-z0-9._-]+$`
 * @property {string} [body] "" if absent; at most 8,000 characters
 * @property {FileId[]} [files] [] if absent; at most 10 items; matches `^[A-Za-z0-9_-]{22}$`
 * @property {number} [reply_to] 0 if absent; 0 to 2^53-1
 * @property {UserId[]} [mentions] [] if absent; at most 50 items; 1 to 2^31-1
 */

/**
 * Another text for a message of one's own.
 * @typedef {object} EditMessage
 * @property {"edit_message"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {number} seq 0 to 2^53-1
 * @property {string} body at most 8,000 characters
 * @property {UserId[]} [mentions] [] if absent; at most 50 items; 1 to 2^31-1
 */

/**
 * Takes the text of a message of one's own away for everybody; its place stays. Cannot be undone.
 * @typedef {object} DeleteMessage
 * @property {"delete_message"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {number} seq 0 to 2^53-1
 */

/**
 * Puts a picture beside a message, or takes one's own away again.
 * @typedef {object} React
 * @property {"react"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {number} seq 0 to 2^53-1
 * @property {string} emoji 1 to 32 characters; one line
 * @property {boolean} [on] true if absent
 */

/**
 * Says to the others that one is writing. Kept nowhere; ends by itself if it is not said again.
 * @typedef {object} Typing
 * @property {"typing"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 */

/**
 * A page of history, ascending: the first after `after`, or the last before `before`; or those on both sides of the
 * number `around`, or of the first message at or after the moment `at`. The newest if none of them is given.
 * @typedef {object} GetMessages
 * @property {"get_messages"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {number | null} [after] 0 to 2^53-1
 * @property {number | null} [before] 0 to 2^53-1
 * @property {number | null} [around] 0 to 2^53-1
 * @property {string | null} [at]
 * @property {number} [limit] 50 if absent; 1 to 100
 */

/**
 * Messages that were edited, deleted or reacted to after the change `after`, as they are now.
 * @typedef {object} GetChanges
 * @property {"get_changes"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {number} after 0 to 2^53-1
 * @property {number} [limit] 50 if absent; 1 to 100
 */

/**
 * Messages with all words of `text`, in conversations that one is in, newest first. Accents and case do not matter.
 *
 * Words in quotation marks stand together; `*` behind a word stands for its further letters. `sender`, `conversation`
 * and the times `since` (included) and `until` (not included) leave only some. `before`: the `next` of the last page.
 * @typedef {object} SearchMessages
 * @property {"search_messages"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {string} text 1 to 200 characters; one line
 * @property {UserId | null} [sender] 1 to 2^31-1
 * @property {ConversationId | null} [conversation] 1 to 2^53-1
 * @property {string | null} [since]
 * @property {string | null} [until]
 * @property {string | null} [before] at most 128 characters; one line
 * @property {number} [limit] 20 if absent; 1 to 100
 */

/**
 * Everything up to `seq` was read. A lower number than before changes nothing.
 * @typedef {object} MarkRead
 * @property {"mark_read"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {number} seq 0 to 2^53-1
 */

/**
 * Everything up to `seq` has reached a client of this user. A lower number than before changes nothing.
 * @typedef {object} MarkDelivered
 * @property {"mark_delivered"} op
 * @property {number} [id] 0 if absent; 0 to 2^53-1
 * @property {ConversationId} conversation 1 to 2^53-1
 * @property {number} seq 0 to 2^53-1
 */

/**
 * The first reply. What the client may not do is left out of `permissions` (accounts/permissions.py).
 *
 * `server_time` in Unix seconds. The server sends a `heartbeat` at least every `heartbeat_interval` seconds; after two
 * without one, the connection is dead. `resumed`: the presence position was still good, so that only what changed since
 * then follows, instead of a snapshot.
 * @typedef {object} Connected
 * @property {"connected"} op
 * @property {number} [id] 0 if absent
 * @property {ConnectionId} connection
 * @property {DomainId} domain
 * @property {UserId} user
 * @property {Extension} extension
 * @property {number} protocol
 * @property {string} server
 * @property {number} server_time
 * @property {number} heartbeat_interval
 * @property {Limits} limits
 * @property {string[]} permissions
 * @property {string[]} features
 * @property {Position} presence
 * @property {number} directory_rev
 * @property {ContactsPosition} contacts Where the books of contacts are; what the client missed since its own position follows, if it is not too much
 * @property {boolean} [resumed] false if absent
 * @property {boolean} [listing_everybody] true if absent; False where there are more people than `limits.listed_people`: read pages of them; `get_coworkers` has names
 * @property {boolean} [watching_everybody] true if absent; False in a very large domain: name whom you look at with `watch`
 * @property {UserId | null} [masked_by]
 * @property {string} [timeline] "" if absent; Of the database. If it is another than before, a database took over that may lack what was told last, and gives its numbers out again: forget everything but what was not sent yet, and begin with what is told now
 */

/**
 * Carried out; nothing to tell but that.
 * @typedef {object} Done
 * @property {"done"} op
 * @property {number} [id] 0 if absent
 */

/**
 * Refused. `field` names the wrong input, `retry_after` is in seconds, `temporary`: the same may work later.
 * @typedef {object} Failed
 * @property {"failed"} op
 * @property {number} [id] 0 if absent
 * @property {ErrorCode} code
 * @property {string} message
 * @property {boolean} temporary
 * @property {string} [field]
 * @property {number} [retry_after]
 */

/**
 * `users`: how many were named; absent while everybody is looked at.
 * @typedef {object} Watching
 * @property {"watching"} op
 * @property {number} [id] 0 if absent
 * @property {boolean} everybody
 * @property {number} [users] 0 if absent
 */

/**
 * @typedef {object} Explained
 * @property {"explained"} op
 * @property {number} [id] 0 if absent
 * @property {Explanation} explanation
 */

/**
 * `expires_at` in Unix seconds; refresh well before.
 * @typedef {object} DeviceRegistered
 * @property {"device_registered"} op
 * @property {number} [id] 0 if absent
 * @property {number} expires_at
 */

/**
 * As they are in the directory at `rev` or later. `missing`: not listed (any more), or not there.
 * @typedef {object} CoworkersFound
 * @property {"coworkers_found"} op
 * @property {number} [id] 0 if absent
 * @property {number} rev
 * @property {Coworker[]} coworkers
 * @property {UserId[]} [missing] [] if absent
 */

/**
 * @typedef {object} NumberLookedUp
 * @property {"number_looked_up"} op
 * @property {number} [id] 0 if absent
 * @property {NumberFound} found
 */

/**
 * @typedef {object} ConversationOpened
 * @property {"conversation_opened"} op
 * @property {number} [id] 0 if absent
 * @property {Conversation} conversation
 */

/**
 * `next`: pass as `before` for the following page; absent on the last.
 * @typedef {object} ConversationsListed
 * @property {"conversations_listed"} op
 * @property {number} [id] 0 if absent
 * @property {Conversation[]} conversations
 * @property {string | null} [next]
 */

/**
 * Kept: the message is committed. `duplicate`: this `client_id` had been sent before; nothing new was made.
 * @typedef {object} MessageSent
 * @property {"message_sent"} op
 * @property {number} [id] 0 if absent
 * @property {ConversationId} conversation
 * @property {string} client_id
 * @property {number} seq
 * @property {string} sent_at
 * @property {boolean} [duplicate] false if absent
 * @property {File[]} [files] [] if absent
 */

/**
 * Ascending by `seq`. `more`: there are further messages in the direction that was asked for.
 *
 * Where both sides were asked for, `more` is about older messages and `more_newer` about newer ones, and `seq` is the
 * number around which they stand.
 * @typedef {object} MessagesListed
 * @property {"messages_listed"} op
 * @property {number} [id] 0 if absent
 * @property {ConversationId} conversation
 * @property {Message[]} messages
 * @property {boolean} [more] false if absent
 * @property {boolean} [more_newer] false if absent
 * @property {number} [seq] 0 if absent
 */

/**
 * Ascending by their `rev`. The client knows all changes up to `rev` then; `more`: ask for those after it.
 * @typedef {object} ChangesListed
 * @property {"changes_listed"} op
 * @property {number} [id] 0 if absent
 * @property {ConversationId} conversation
 * @property {Message[]} messages
 * @property {number} rev
 * @property {boolean} [more] false if absent
 */

/**
 * Newest first. `next`: pass as `before` for the following page; absent on the last.
 * @typedef {object} MessagesFound
 * @property {"messages_found"} op
 * @property {number} [id] 0 if absent
 * @property {Hit[]} hits
 * @property {string | null} [next]
 */

/**
 * Everybody who is not plainly offline. Replaces all presence the client has: absent means offline.
 * @typedef {object} PresenceSnapshot
 * @property {"presence_snapshot"} op
 * @property {string} epoch
 * @property {number} version
 * @property {Presence[]} users
 */

/**
 * Newest records, in the order of `rev`. Afterwards the client is at `version` of `epoch`.
 * @typedef {object} PresenceChanged
 * @property {"presence_changed"} op
 * @property {string} epoch
 * @property {number} version
 * @property {Presence[]} users
 */

/**
 * The gateway does not hear of changes any more: show everybody as unknown since then (Unix seconds).
 *
 * 0: it hears of them again, and what was missed came before this. A new connection begins without doubt.
 * @typedef {object} PresenceDoubted
 * @property {"presence_doubted"} op
 * @property {number} since
 */

/**
 * The connection lives, and the client now is at this position; answer with `alive`.
 *
 * Changes that are not for this client raise the version without a `presence_changed`: take it over from here.
 * @typedef {object} Heartbeat
 * @property {"heartbeat"} op
 * @property {string} epoch
 * @property {number} version
 */

/**
 * After connect: the newest conversations. Older ones are asked for by page (`next`).
 * @typedef {object} ConversationsSnapshot
 * @property {"conversations_snapshot"} op
 * @property {Conversation[]} conversations
 * @property {string | null} [next]
 */

/**
 * @typedef {object} ConversationAdded
 * @property {"conversation_added"} op
 * @property {Conversation} conversation
 */

/**
 * The user is not in it (any more): forget it, unless it was added again after `seq`.
 * @typedef {object} ConversationRemoved
 * @property {"conversation_removed"} op
 * @property {ConversationId} conversation
 * @property {number} [seq] 0 if absent
 */

/**
 * Name, members, roles and history as of the line `seq`: dropped by whoever knows of a later line's.
 * @typedef {object} GroupChanged
 * @property {"group_changed"} op
 * @property {ConversationId} conversation
 * @property {number} seq
 * @property {string} name
 * @property {Member[]} members
 * @property {History} history
 */

/**
 * Only for the user's own connections.
 * @typedef {object} MuteChanged
 * @property {"mute_changed"} op
 * @property {ConversationId} conversation
 * @property {boolean} muted
 * @property {number} rev
 */

/**
 * @typedef {object} MessageAdded
 * @property {"message_added"} op
 * @property {Message} message
 */

/**
 * Edited, deleted, or reacted to: the message as it is now. Whoever does not know the change before its `rev` has
 * missed something, and asks with `get_changes`.
 * @typedef {object} MessageChanged
 * @property {"message_changed"} op
 * @property {Message} message
 */

/**
 * After connect: what came while the client was away, ascending. `more`: ask for the rest with `get_messages`.
 * @typedef {object} MessagesMissed
 * @property {"messages_missed"} op
 * @property {ConversationId} conversation
 * @property {Message[]} messages
 * @property {boolean} [more] false if absent
 */

/**
 * After connect: messages that changed meanwhile, as they are now. The client knows all changes up to `rev` then;
 * `more`: ask for the rest with `get_changes`.
 * @typedef {object} ChangesMissed
 * @property {"changes_missed"} op
 * @property {ConversationId} conversation
 * @property {Message[]} messages
 * @property {number} rev
 * @property {boolean} [more] false if absent
 */

/**
 * The domain keeps its messages for a limited time: those up to `upto` are deleted, and count as read by everybody and
 * as before everybody's joining. A `read_marked` follows for whoever had not read them.
 * @typedef {object} MessagesExpired
 * @property {"messages_expired"} op
 * @property {ConversationId} conversation
 * @property {number} upto
 */

/**
 * Somebody writes. Over when a message comes, or when it is not told again for six seconds.
 * @typedef {object} TypingStarted
 * @property {"typing_started"} op
 * @property {ConversationId} conversation
 * @property {UserId} user
 */

/**
 * A member has read up to `seq`. `unread` only goes to the reader's own connections.
 * @typedef {object} ReadMarked
 * @property {"read_marked"} op
 * @property {ConversationId} conversation
 * @property {UserId} user
 * @property {number} seq
 * @property {number | null} [unread]
 */

/**
 * Everything up to `seq` has reached a client of this member.
 * @typedef {object} DeliveredMarked
 * @property {"delivered_marked"} op
 * @property {ConversationId} conversation
 * @property {UserId} user
 * @property {number} seq
 */

/**
 * In a large group, to those who show it: how far members have got and read by now, all of the last second.
 * @typedef {object} MembersMarked
 * @property {"members_marked"} op
 * @property {ConversationId} conversation
 * @property {Member[]} members
 */

/**
 * Coworkers who changed, joined, or are `gone`. The client is at `rev` then, if it was at `since` or later.
 * @typedef {object} DirectoryChanged
 * @property {"directory_changed"} op
 * @property {number} since
 * @property {number} rev
 * @property {Coworker[]} coworkers
 */

/**
 * A book was changed: the shared one, or the user's own with its stars and overlays.
 *
 * The client is at `rev` then, if it was at `since` or later. If it was not, an announcement was lost, or the change
 * was too large to be told here: it reads `/v1/contacts/changes` from its position.
 * @typedef {object} ContactsChanged
 * @property {"contacts_changed"} op
 * @property {boolean} shared
 * @property {number} since
 * @property {number} rev
 * @property {Contact[]} [contacts] [] if absent
 * @property {Favourite[]} [favourites] [] if absent
 * @property {Overlay[]} [overlays] [] if absent
 */

/**
 * An import of the user has got on, is ready to be looked at, was applied or undone. `change`: as it is now.
 * @typedef {object} ImportChanged
 * @property {"import_changed"} op
 * @property {Import} change
 */

/**
 * The user's own profile or settings changed, perhaps elsewhere: read `/v1/profile` again.
 * @typedef {object} ProfileChanged
 * @property {"profile_changed"} op
 * @property {string} at
 */

/**
 * For those who manage these users: profiles or accounts changed, or moved into or out of their reach. Read them, and
 * what lists show of them, again. None named: too many.
 * @typedef {object} UsersChanged
 * @property {"users_changed"} op
 * @property {UserId[]} [users] [] if absent
 */

/**
 * Last words before the connection closes for good with 4501.
 * @typedef {object} SessionEnded
 * @property {"session_ended"} op
 * @property {EndReason} reason
 */

/**
 * This gateway is going away: connect again after `after` seconds (already random).
 * @typedef {object} Reconnect
 * @property {"reconnect"} op
 * @property {number} after
 */

/**
 * How a login goes on: `token` belongs to `POST /v1/login/second-factor`, within `expires_in` seconds.
 *
 * `methods`: `code` (of an authenticator app, or a recovery code); `passkey` (`POST /v1/login/second-factor/passkey`);
 * or `set_up`: there is none yet, and one has to be set up first (`POST /v1/login/second-factor/set-up`).
 * @typedef {object} SecondFactorNeeded
 * @property {string} token
 * @property {string[]} methods
 * @property {number} expires_in
 */

/**
 * RFC 9457 problem details, `application/problem+json`.
 *
 * `code` is an ErrorCode, or one that only HTTP knows; `field` names the wrong input by its path. `second_factor` only
 * with the code `second_factor_required`.
 * @typedef {object} Problem
 * @property {string} [type] "about:blank" if absent
 * @property {string} title
 * @property {number} status
 * @property {string} code
 * @property {string} [detail] "" if absent
 * @property {string | null} [field]
 * @property {number | null} [retry_after]
 * @property {string} [request_id] "" if absent
 * @property {SecondFactorNeeded | null} [second_factor]
 */

/**
 * @typedef {object} PageQuery
 * @property {number} [limit] 50 if absent; 1 to 100
 * @property {string | null} [after] at most 256 characters; one line
 */

/**
 * Entries are small, and whoever reads them reads all of them.
 * @typedef {object} DirectoryQuery
 * @property {number} [limit] 50 if absent; 1 to 1,000
 * @property {string | null} [after] at most 256 characters; one line
 */

/**
 * `login` is `name@domain`. `bearer`: answer with a token instead of a cookie (softphones, scripts).
 * @typedef {object} LoginRequest
 * @property {string} login 3 to 255 characters; one line
 * @property {string} password 1 to 1,024 characters
 * @property {boolean} [bearer] false if absent
 */

/**
 * `login` is `name@domain`. The link goes to the user's first verified e-mail address, if there is one.
 * @typedef {object} ForgottenPassword
 * @property {string} login 3 to 255 characters; one line
 */

/**
 * `token`: what follows the `#` in a link that was mailed.
 * @typedef {object} PasswordLinkToken
 * @property {string} token 1 to 512 characters; one line
 */

/**
 * `pin`: the new voicemail PIN, if the link sets one, and then needed.
 * @typedef {object} NewPassword
 * @property {string} token 1 to 512 characters; one line
 * @property {string} password 1 to 1,024 characters
 * @property {string} [pin] "" if absent; at most 64 characters
 */

/**
 * `login`: whose password it sets. `sets_pin`: and whose voicemail PIN.
 * @typedef {object} PasswordLink
 * @property {string} login
 * @property {boolean} sets_pin
 * @property {string} expires_at
 */

/**
 * `send_mail`: with a link by which the user sets a new password. Without it, the user has to ask for one.
 * @typedef {object} PasswordReset
 * @property {boolean} send_mail
 */

/**
 * How far somebody's account is set up: `new`, `setup_required` (no PIN), `password_required` or `standard`.
 * @typedef {object} UserAccount
 * @property {UserId} user
 * @property {string} status
 */

/**
 * Who is logged in, and what they may do (accounts/permissions.py).
 * @typedef {object} Me
 * @property {DomainId} domain
 * @property {string} domain_name
 * @property {UserId} user
 * @property {Extension} extension
 * @property {string} first_name
 * @property {string} last_name
 * @property {string} scope
 * @property {string[]} permissions
 * @property {UserId | null} [masked_by]
 */

/**
 * `token` only if `bearer` was asked for: it is shown this once, as are `recovery_codes`, which there are if this login
 * has set a second factor up.
 * @typedef {object} LoggedIn
 * @property {Me} me
 * @property {string} expires_at
 * @property {string | null} [token]
 * @property {string[]} [recovery_codes] [] if absent
 */

/**
 * Opens one WebSocket within `expires_in` seconds, in `connect`, for clients that may not hold a token.
 * @typedef {object} TicketMade
 * @property {string} ticket
 * @property {number} expires_in
 */

/**
 * A user's profile, as its reader may see it. `rev` grows with every change; send it back to edit (`If-Match` is not
 * needed).
 * @typedef {object} Profile
 * @property {UserId} user
 * @property {number} rev
 * @property {Extension} extension
 * @property {string} login
 * @property {string} first_name
 * @property {string} last_name
 * @property {string} department
 * @property {string} site
 * @property {string} job_title
 * @property {string} time_zone
 * @property {string} language In which mails and push messages are written, as a tag (`de`). Empty: not known yet, and they are in English
 * @property {string} caller_id
 * @property {string} emergency_caller_id
 * @property {string} area_code
 * @property {string[]} emails
 * @property {string[]} unconfirmed_emails Those of `emails` that nobody has confirmed by the link mailed to them: nothing else is sent there
 * @property {boolean} list_in_directory
 * @property {boolean} announce_in_directory
 * @property {boolean} record_calls
 * @property {boolean} overwrite_with_site_defaults Time zone, area code, recording and directory options are those of the site
 * @property {string} sso_account
 * @property {number} photo Its revision, as of the directory's entry; 0: there is none
 * @property {string} scope
 * @property {string} status Derived: `new`, `setup_required`, `password_required`, `standard`
 * @property {boolean} disabled
 * @property {string[]} editable The fields that the reader of this profile may change
 * @property {string[]} hidden The fields that the reader may not see: empty here
 * @property {string[]} may What else the reader may do to this user: permissions, such as `users.mask`
 */

/**
 * Only what is present changes (RFC 7396 merge patch, no nulls). `rev`: refuse if somebody was faster.
 * @typedef {object} ProfileEdit
 * @property {number} [rev] 0 to 2^53-1
 * @property {string} [first_name] at most 64 characters; one line
 * @property {string} [last_name] at most 64 characters; one line
 * @property {string} [time_zone] at most 64 characters; one line
 * @property {string} [language] at most 64 characters; one line
 * @property {string[]} [emails] at most 5 items; at most 254 characters; one line
 * @property {boolean} [list_in_directory]
 * @property {boolean} [announce_in_directory]
 * @property {string} [pin] at most 64 characters; A new voicemail PIN. Whoever edits somebody else has to set one where there is none
 * @property {string} [department] at most 64 characters; one line
 * @property {string} [job_title] at most 64 characters; one line
 * @property {string} [site] at most 64 characters; one line; Empty: none
 * @property {boolean} [overwrite_with_site_defaults]
 * @property {boolean} [record_calls]
 * @property {string} [area_code] at most 8 characters; matches `^[0-9]*$`
 */

/**
 * Coworkers by user id. `rev`: the directory's revision at the first page; follow events from there.
 * @typedef {object} DirectoryPage
 * @property {number} rev
 * @property {Coworker[]} items
 * @property {string | null} next
 */

/**
 * `name`: what the file is called. Paths, control characters and the like are taken out of it.
 * @typedef {object} UploadQuery
 * @property {string} name 1 to 1,024 characters
 */

/**
 * `small`: at most 720 pixels wide and high; `large`: 2,048.
 * @typedef {object} PreviewQuery
 * @property {string} [size] "small" if absent; matches `^(small|large)$`
 */

/**
 * `email_minutes`: a digest by e-mail of what was unread for so long; 0: none.
 * @typedef {object} NotificationSettings
 * @property {number} email_minutes
 */

/**
 * @typedef {object} NotificationSettingsEdit
 * @property {number} email_minutes 0 to 1,440
 */

/**
 * `public_key`: the `applicationServerKey` of `pushManager.subscribe`, as URL-safe base64.
 * @typedef {object} PushKey
 * @property {string} public_key
 */

/**
 * As a browser gives it: `p256dh` and `auth` are URL-safe base64.
 * @typedef {object} PushSubscription
 * @property {string} endpoint 1 to 1,024 characters; one line
 * @property {string} p256dh at most 128 characters
 * @property {string} auth at most 64 characters
 */

/**
 * @typedef {object} PushSubscriptionQuery
 * @property {string} endpoint 1 to 1,024 characters; one line
 */

/**
 * E.164, e.g. `+41441234567`.
 * @typedef {object} SmsNumber
 * @property {string} number
 * @property {string} [label] "" if absent
 */

/**
 * @typedef {object} SmsNumbers
 * @property {SmsNumber[]} items
 */

/**
 * `to` as somebody dials it. `from`: one of the caller's numbers; the first, if it is empty.
 * @typedef {object} SmsConversationRequest
 * @property {string} to 3 to 40 characters; one line
 * @property {string} [from] "" if absent; at most 20 characters; one line
 */

/**
 * @typedef {object} SmsConversation
 * @property {ConversationId} conversation
 */

/**
 * @typedef {object} ExportQuery
 * @property {string} [format] "json" if absent; matches `^(json|text)$`
 */

/**
 * `users`: ids with commas between them, at most a thousand; everybody if absent.
 * @typedef {object} PresenceQuery
 * @property {string | null} [users] at most 10,999 characters; matches `^[0-9,]+$`
 */

/**
 * Everybody of the domain who is not plainly offline, at one moment.
 * @typedef {object} PresencePage
 * @property {string} epoch
 * @property {number} version
 * @property {Presence[]} users
 */

/**
 * `status`: `ok` or `failed`; `checks` says of each store whether it answered, in words.
 * @typedef {object} Health
 * @property {string} status
 * @property {Record<string, string>} [checks] {} if absent
 */

/**
 * @typedef {object} Version
 * @property {string} version
 * @property {number} protocol
 */

/**
 * Users whom the caller manages. `search`: beginnings of words of extension, name, site, department, e-mail.
 *
 * `scope` and `status` by their names. Sorted by `name`, `extension` or `department`.
 * @typedef {object} UsersQuery
 * @property {number} [limit] 50 if absent; 1 to 100
 * @property {string | null} [after] at most 256 characters; one line
 * @property {string} [search] "" if absent; at most 200 characters; one line
 * @property {string | null} [site] at most 64 characters; one line
 * @property {string | null} [department] at most 64 characters; one line
 * @property {string | null} [scope] at most 32 characters; matches `^[a-z_]+$`
 * @property {string | null} [status] matches `^(new|setup_required|password_required|standard)$`
 * @property {string} [sort] "name" if absent; matches `^(name|extension|department)$`
 * @property {boolean} [descending] false if absent
 */

/**
 * A user in the list of those who manage. `rev` as of the profile.
 * @typedef {object} UserSummary
 * @property {UserId} user
 * @property {number} rev
 * @property {Extension} extension
 * @property {string} login
 * @property {string} [first_name] "" if absent
 * @property {string} [last_name] "" if absent
 * @property {string} [department] "" if absent
 * @property {string} [site] "" if absent
 * @property {string} scope
 * @property {string} status
 * @property {boolean} [disabled] false if absent
 */

/**
 * @typedef {object} UsersPage
 * @property {UserSummary[]} items
 * @property {string | null} next
 */

/**
 * Somebody else was faster: `current` is the profile as it is now. Otherwise as a problem document.
 * @typedef {object} ProfileConflict
 * @property {string} title
 * @property {number} status
 * @property {string} code
 * @property {string} detail
 * @property {string} field
 * @property {Profile} current
 */

/**
 * @typedef {object} UserReset
 * @property {ResetPart[]} what 1 to 16 items
 */

/**
 * @typedef {object} AddressToConfirm
 * @property {string} email 3 to 254 characters; one line
 */

/**
 * `token`: what follows the `#` in a link that was mailed.
 * @typedef {object} EmailToken
 * @property {string} token 1 to 512 characters; one line
 */

/**
 * Which address, and of whose login.
 * @typedef {object} EmailConfirmation
 * @property {string} email
 * @property {string} login
 */

/**
 * `rev`: `photo` of the directory's entry or of the profile.
 * @typedef {object} PhotoQuery
 * @property {number} rev 1 to 2^53-1
 */

/**
 * A place within the domain, with the settings that users take over who are overwritten with them.
 *
 * `time_zone` empty: the domain's. `users`: how many are at it.
 * @typedef {object} SiteSettings
 * @property {string} name
 * @property {string} time_zone
 * @property {string} area_code
 * @property {boolean} record_calls
 * @property {boolean} list_in_directory
 * @property {boolean} announce_in_directory
 * @property {number} users
 */

/**
 * All sites of the domain, by name. `may_manage`: whether the reader may change them.
 * @typedef {object} SiteList
 * @property {SiteSettings[]} items
 * @property {boolean} may_manage
 */

/**
 * Only what is present changes, for everybody who follows the site. `name`: another name for it.
 * @typedef {object} SiteEdit
 * @property {string} [name] 1 to 64 characters; one line
 * @property {string} [time_zone] at most 64 characters; one line
 * @property {string} [area_code] at most 8 characters; matches `^[0-9]*$`
 * @property {boolean} [record_calls]
 * @property {boolean} [list_in_directory]
 * @property {boolean} [announce_in_directory]
 */

/**
 * @typedef {object} NewSite
 * @property {string} name 1 to 64 characters; one line
 * @property {string} [time_zone] "" if absent; at most 64 characters; one line
 * @property {string} [area_code] "" if absent; at most 8 characters; matches `^[0-9]*$`
 * @property {boolean} [record_calls] false if absent
 * @property {boolean} [list_in_directory] true if absent
 * @property {boolean} [announce_in_directory] true if absent
 */

/**
 * A user without password and PIN. `login_name`: what stands before the @; the extension if absent. `email` is taken as
 * confirmed. `scope` by its name; `basic_user` if absent.
 * @typedef {object} NewUserAccount
 * @property {string} extension 1 to 16 characters; matches `^[0-9]+$`
 * @property {string} first_name at most 64 characters; one line
 * @property {string} [last_name] at most 64 characters; one line
 * @property {string} [login_name] 1 to 64 characters; matches `^[^\s@:/]+$`
 * @property {string} [department] at most 64 characters; one line
 * @property {string} [site] at most 64 characters; one line
 * @property {string} [job_title] at most 64 characters; one line
 * @property {string} [email] 3 to 254 characters; one line
 * @property {string} [scope] 1 to 32 characters; matches `^[A-Za-z _-]+$`
 * @property {string} [time_zone] at most 64 characters; one line
 * @property {string} [language] at most 64 characters; one line; Of mails, as a tag (`de`)
 * @property {string} [caller_id] at most 32 characters; one line
 * @property {string} [emergency_caller_id] at most 32 characters; one line
 * @property {string} [area_code] at most 8 characters; matches `^[0-9]*$`
 * @property {boolean} [list_in_directory]
 * @property {boolean} [announce_in_directory]
 */

/**
 * `created` false: there was one just like that, and nothing was done.
 * @typedef {object} UserAdded
 * @property {UserId} user
 * @property {Extension} extension
 * @property {string} login
 * @property {boolean} created
 */

/**
 * What of an account nobody edits in the profile; only what is present changes. `disabled`: may not log in.
 *
 * A new scope, and disabling, end every login of the user. Login name, caller IDs and single sign-on account are
 * changed with an administration key only.
 * @typedef {object} AccountChange
 * @property {string} [scope] 1 to 32 characters; matches `^[A-Za-z _-]+$`
 * @property {boolean} [disabled]
 * @property {string} [login_name] 1 to 64 characters; matches `^[^\s@:/]+$`
 * @property {string} [caller_id] at most 32 characters; one line
 * @property {string} [emergency_caller_id] at most 32 characters; one line
 * @property {string} [sso_account] at most 254 characters; one line
 */

/**
 * `changed`: the names of what is another now; none: all was as wanted.
 * @typedef {object} AccountState
 * @property {UserId} user
 * @property {Extension} extension
 * @property {string} login
 * @property {string} scope
 * @property {string} status
 * @property {boolean} disabled
 * @property {string} caller_id
 * @property {string} emergency_caller_id
 * @property {string} sso_account
 * @property {string[]} changed
 */

/**
 * `messages`: take the words and files out of everything the user wrote, too.
 * @typedef {object} ErasureQuery
 * @property {boolean} [messages] false if absent
 */

/**
 * `messages`: how many lost their words.
 * @typedef {object} UserErased
 * @property {UserId} user
 * @property {Extension} extension
 * @property {number} messages
 */

/**
 * `dry_run`: only say what would happen.
 * @typedef {object} UserImportQuery
 * @property {boolean} [dry_run] false if absent
 */

/**
 * `line` of the file; `outcome`: `exists` (left as it is) or `refused`.
 * @typedef {object} UserImportRow
 * @property {number} line
 * @property {string} outcome
 * @property {string} reason
 */

/**
 * All of a file or, with a refused row, none. `applied`: whether the `create` new ones are there now.
 *
 * `rows`: the first 1,000 of those that are not created.
 * @typedef {object} UsersImported
 * @property {boolean} applied
 * @property {number} create
 * @property {number} exist
 * @property {number} refused
 * @property {UserImportRow[]} rows
 */

/**
 * A company, by its SIP domain name. `country`: two letters, how numbers without a country code are read. `language`:
 * of mails and push messages to users of whom none is known, as a tag (`de`); "": English.
 * @typedef {object} NewDomain
 * @property {string} domain 1 to 253 characters; matches `^[A-Za-z0-9._-]+$`
 * @property {string} [name] at most 64 characters; one line
 * @property {string} [country] 2 to 2 characters; matches `^[A-Za-z]+$`
 * @property {string} [time_zone] at most 64 characters; one line
 * @property {string} [language] at most 64 characters; one line
 * @property {boolean} [ringing_is_busy]
 * @property {number | null} [retention_days] 1 to 36,500
 */

/**
 * Only what is present changes. `retention_days`: messages are deleted once they are older; null: never.
 * @typedef {object} DomainEdit
 * @property {string} [name] at most 64 characters; one line
 * @property {string} [country] 2 to 2 characters; matches `^[A-Za-z]+$`
 * @property {string} [time_zone] at most 64 characters; one line
 * @property {string} [language] at most 64 characters; one line
 * @property {boolean} [ringing_is_busy]
 * @property {number | null} [retention_days] 1 to 36,500
 */

/**
 * `language`: of mails and push messages to users of whom none is known; "": English.
 *
 * `ringing_is_busy`: a ringing call alone makes red. `retention_days` null: messages are kept for ever.
 *
 * `editable`: which of these the reader may change.
 * @typedef {object} DomainSettings
 * @property {DomainId} domain
 * @property {string} name
 * @property {string} country
 * @property {string} time_zone
 * @property {string} language
 * @property {boolean} ringing_is_busy
 * @property {number | null} retention_days
 * @property {number} users
 * @property {string[]} editable
 */

/**
 * `created` false: it was there just like that, and nothing was done.
 * @typedef {object} DomainAdded
 * @property {DomainSettings} domain
 * @property {boolean} created
 */

/**
 * @typedef {object} DomainList
 * @property {DomainSettings[]} items
 */

/**
 * Everybody is out, and nobody gets in any more; what there is of data goes in the next minutes.
 * @typedef {object} DomainDeletion
 * @property {DomainId} domain
 * @property {number} users
 */

/**
 * A telephone switch, which may report of `domains`. `label`: what people call it.
 * @typedef {object} NewSource
 * @property {string} source 1 to 63 characters; matches `^[a-z0-9.-]+$`
 * @property {string[]} domains 1 to 10,000 items; 1 to 253 characters; matches `^[A-Za-z0-9._-]+$`
 * @property {string} [label] "" if absent; at most 64 characters; one line
 */

/**
 * `enabled` false: nothing is taken from it any more; what it has reported ends by itself.
 *
 * `command_url`: where it takes commands, such as Do Not Disturb; empty: nowhere. A new token for this is made and
 * shown, unless `command_token` gives one.
 * @typedef {object} SourceEdit
 * @property {boolean} [enabled]
 * @property {string} [command_url] at most 512 characters; one line
 * @property {string} [command_token] 1 to 512 characters; matches `^[!-~]+$`
 */

/**
 * `keep_previous`: the token until now is still taken, so that the switch can change over without a gap.
 * @typedef {object} TokenWanted
 * @property {boolean} [keep_previous] true if absent
 */

/**
 * `has_two_tokens`: the one before is still taken.
 * @typedef {object} SourceState
 * @property {SourceId} source
 * @property {string} label
 * @property {boolean} enabled
 * @property {boolean} has_two_tokens
 * @property {string} command_url
 * @property {DomainId[]} domains
 */

/**
 * @typedef {object} SourceList
 * @property {SourceState[]} items
 */

/**
 * `token`: with which the switch reports from now on; `command_token`: which we show to it. Shown this once.
 * @typedef {object} SourceChanged
 * @property {SourceState} source
 * @property {string | null} [token]
 * @property {string | null} [command_token]
 */

/**
 * `domains` null: all. `used_at`: to some minutes.
 * @typedef {object} AdministrationKeyLine
 * @property {string} key
 * @property {string} name
 * @property {string[]} scopes
 * @property {DomainId[] | null} domains
 * @property {string} created_at
 * @property {string | null} expires_at
 * @property {string | null} used_at
 */

/**
 * `user`: who did it, in whose name, or to whom. `action`: one, or with a dot at its end all that begin with it.
 * @typedef {object} AuditFilters
 * @property {UserId | null} [user] 1 to 2^31-1
 * @property {string} [action] "" if absent; at most 64 characters; matches `^[a-z_]*\.?[a-z_]*$`
 * @property {string | null} [since]
 * @property {string | null} [until]
 */

/**
 * The newest first; filters as of the export.
 * @typedef {object} AuditQuery
 * @property {number} [limit] 50 if absent; 1 to 100
 * @property {string | null} [after] at most 256 characters; one line
 * @property {UserId | null} [user] 1 to 2^31-1
 * @property {string} [action] "" if absent; at most 64 characters; matches `^[a-z_]*\.?[a-z_]*$`
 * @property {string | null} [since]
 * @property {string | null} [until]
 */

/**
 * @typedef {object} AuditExportQuery
 * @property {UserId | null} [user] 1 to 2^31-1
 * @property {string} [action] "" if absent; at most 64 characters; matches `^[a-z_]*\.?[a-z_]*$`
 * @property {string | null} [since]
 * @property {string | null} [until]
 * @property {string} [format] "csv" if absent; matches `^(csv|json)$`
 */

/**
 * As they are called now; a deleted user has only a number.
 * @typedef {object} AuditPerson
 * @property {UserId} user
 * @property {string} [name] "" if absent
 * @property {string} [extension] "" if absent
 */

/**
 * `by`: in whose name, absent for the system itself and for whoever runs it. `key`: by which program's key, or by which
 * administration key, it was done; absent: by hand. `operator`: who was at the keyboard, if that was a mask.
 *
 * `target`: `kind:id`, such as `user:12` or `site:North`; `person`: who that is. `before` and `after` hold what
 * changed, and never a secret; e-mail addresses are left out where they are not the reader's to see.
 * @typedef {object} AuditEntry
 * @property {number} id
 * @property {string} at
 * @property {string} action
 * @property {AuditPerson | null} [by]
 * @property {AuditPerson | null} [operator]
 * @property {string} [target] "" if absent
 * @property {AuditPerson | null} [person]
 * @property {string} [address] "" if absent; one line
 * @property {string} [key] "" if absent; one line
 * @property {Record<string, unknown> | null} [before]
 * @property {Record<string, unknown> | null} [after]
 */

/**
 * @typedef {object} AuditPage
 * @property {AuditEntry[]} items
 * @property {string | null} next
 */

/**
 * A telephone number as typed. Labels: work, mobile, home, fax, or anything.
 *
 * `e164`: the same as `+` and digits, as far as it can be read so; made by the server, whatever a client sends.
 * @typedef {object} PhoneNumber
 * @property {string} label at most 64 characters; one line
 * @property {string} number 1 to 64 characters; one line
 * @property {string} [e164] "" if absent; at most 64 characters; one line
 */

/**
 * An e-mail address. Labels: work, home, or anything; empty is fine.
 * @typedef {object} Email
 * @property {string} label at most 64 characters; one line
 * @property {string} email 1 to 254 characters; one line
 */

/**
 * A postal address. `street` may have several lines.
 * @typedef {object} Address
 * @property {string} [label] "" if absent; at most 64 characters; one line
 * @property {string} [street] "" if absent; at most 400 characters
 * @property {string} [city] "" if absent; at most 200 characters; one line
 * @property {string} [region] "" if absent; at most 200 characters; one line
 * @property {string} [postal_code] "" if absent; at most 64 characters; one line
 * @property {string} [country] "" if absent; at most 200 characters; one line
 */

/**
 * What somebody may enter of a contact.
 * @typedef {object} ContactFields
 * @property {string} [first_name] "" if absent; at most 200 characters; one line
 * @property {string} [middle_name] "" if absent; at most 200 characters; one line
 * @property {string} [last_name] "" if absent; at most 200 characters; one line
 * @property {string} [company] "" if absent; at most 200 characters; one line
 * @property {string} [department] "" if absent; at most 200 characters; one line
 * @property {string} [job_title] "" if absent; at most 200 characters; one line
 * @property {PhoneNumber[]} [numbers] [] if absent; at most 20 items
 * @property {Email[]} [emails] [] if absent; at most 20 items
 * @property {Address[]} [addresses] [] if absent; at most 20 items
 * @property {string} [notes] "" if absent; at most 8,000 characters
 * @property {string[]} [tags] [] if absent; at most 20 items; 1 to 64 characters; one line
 */

/**
 * A shared contact of the domain, or a personal one of the reader. `gone`: deleted, or emptied from the trash.
 *
 * `changed_by` is the user at the keyboard at the last change (0: an import from the command line, or not known).
 * @typedef {object} Contact
 * @property {string} [first_name] "" if absent; at most 200 characters; one line
 * @property {string} [middle_name] "" if absent; at most 200 characters; one line
 * @property {string} [last_name] "" if absent; at most 200 characters; one line
 * @property {string} [company] "" if absent; at most 200 characters; one line
 * @property {string} [department] "" if absent; at most 200 characters; one line
 * @property {string} [job_title] "" if absent; at most 200 characters; one line
 * @property {PhoneNumber[]} [numbers] [] if absent; at most 20 items
 * @property {Email[]} [emails] [] if absent; at most 20 items
 * @property {Address[]} [addresses] [] if absent; at most 20 items
 * @property {string} [notes] "" if absent; at most 8,000 characters
 * @property {string[]} [tags] [] if absent; at most 20 items; 1 to 64 characters; one line
 * @property {number} contact
 * @property {number} rev
 * @property {boolean} shared
 * @property {string | null} [changed_at]
 * @property {number} [changed_by] 0 if absent
 * @property {string | null} [deleted_at]
 * @property {boolean} [gone] false if absent
 */

/**
 * A shared contact needs a first and a last name; a personal one anything to know it by.
 * @typedef {object} NewContact
 * @property {string} [first_name] "" if absent; at most 200 characters; one line
 * @property {string} [middle_name] "" if absent; at most 200 characters; one line
 * @property {string} [last_name] "" if absent; at most 200 characters; one line
 * @property {string} [company] "" if absent; at most 200 characters; one line
 * @property {string} [department] "" if absent; at most 200 characters; one line
 * @property {string} [job_title] "" if absent; at most 200 characters; one line
 * @property {PhoneNumber[]} [numbers] [] if absent; at most 20 items
 * @property {Email[]} [emails] [] if absent; at most 20 items
 * @property {Address[]} [addresses] [] if absent; at most 20 items
 * @property {string} [notes] "" if absent; at most 8,000 characters
 * @property {string[]} [tags] [] if absent; at most 20 items; 1 to 64 characters; one line
 * @property {boolean} [shared] false if absent
 */

/**
 * Only what is present changes. `rev`: the revision that the edit was made from.
 * @typedef {object} ContactEdit
 * @property {number} rev 0 to 2^53-1
 * @property {string} [first_name] at most 200 characters; one line
 * @property {string} [middle_name] at most 200 characters; one line
 * @property {string} [last_name] at most 200 characters; one line
 * @property {string} [company] at most 200 characters; one line
 * @property {string} [department] at most 200 characters; one line
 * @property {string} [job_title] at most 200 characters; one line
 * @property {PhoneNumber[]} [numbers] at most 20 items
 * @property {Email[]} [emails] at most 20 items
 * @property {Address[]} [addresses] at most 20 items
 * @property {string} [notes] at most 8,000 characters
 * @property {string[]} [tags] at most 20 items; 1 to 64 characters; one line
 */

/**
 * Somebody else was faster: `current` is what there is now (`gone` if it was deleted), `yours` what you sent.
 *
 * `yours` is the contact as it would be if your edit were applied to `current`, so that sending it again with the
 * revision of `current` is all there is to do if you are sure. Otherwise as a problem document.
 * @typedef {object} ContactConflict
 * @property {string} title
 * @property {number} status
 * @property {string} code
 * @property {string} detail
 * @property {Contact} current
 * @property {Contact} yours
 */

/**
 * How far a client has come: the revision of the shared book and of the reader's own.
 * @typedef {object} ContactsPosition
 * @property {number} shared 0 to 2^53-1
 * @property {number} own 0 to 2^53-1
 */

/**
 * `kind`: `shared`, `personal`, or both if absent.
 * @typedef {object} ContactsQuery
 * @property {number} [limit] 50 if absent; 1 to 500
 * @property {string | null} [after] at most 256 characters; one line
 * @property {string | null} [kind] matches `^(shared|personal)$`
 */

/**
 * Contacts by id. `position` is that of the first page: follow changes from there.
 * @typedef {object} ContactsPage
 * @property {Contact[]} items
 * @property {ContactsPosition} position
 * @property {string | null} next
 */

/**
 * Deleted contacts, the last one first. `kept_days`: after that long they are gone for good.
 * @typedef {object} TrashPage
 * @property {Contact[]} items
 * @property {number} kept_days
 * @property {string | null} next
 */

/**
 * `rev`: the revision that you look at; absent: whatever there is.
 * @typedef {object} RevisionQuery
 * @property {number | null} [rev] 0 to 2^53-1
 */

/**
 * A contact as somebody looked at it.
 * @typedef {object} ContactAt
 * @property {number} contact 1 to 2^53-1
 * @property {number} rev 0 to 2^53-1
 */

/**
 * @typedef {object} ContactsAt
 * @property {ContactAt[]} contacts 1 to 500 items
 */

/**
 * @typedef {object} ContactIds
 * @property {number[]} contacts 1 to 500 items; 1 to 2^53-1
 */

/**
 * Tags to put on and to take off; those that are (or are not) there already are fine.
 * @typedef {object} Tagging
 * @property {number[]} contacts 1 to 500 items; 1 to 2^53-1
 * @property {string[]} [add] [] if absent; at most 20 items; 1 to 64 characters; one line
 * @property {string[]} [remove] [] if absent; at most 20 items; 1 to 64 characters; one line
 */

/**
 * What became of each: `done` as they are now; `changed` by somebody else meanwhile and so left alone, as they are now;
 * `missing`: not there, or not for you.
 * @typedef {object} BulkDone
 * @property {Contact[]} done
 * @property {Contact[]} changed
 * @property {number[]} missing
 */

/**
 * A star. `gone`: taken off.
 * @typedef {object} Favourite
 * @property {TargetKind} kind
 * @property {number} target
 * @property {number} rev
 * @property {boolean} [gone] false if absent
 */

/**
 * What the reader wrote down about a coworker, for the reader alone. Names replace those shown. `gone`: removed.
 * @typedef {object} Overlay
 * @property {UserId} coworker
 * @property {number} rev
 * @property {string} [first_name] "" if absent; at most 200 characters; one line
 * @property {string} [last_name] "" if absent; at most 200 characters; one line
 * @property {PhoneNumber[]} [numbers] [] if absent; at most 20 items
 * @property {Email[]} [emails] [] if absent; at most 20 items
 * @property {string} [notes] "" if absent; at most 8,000 characters
 * @property {boolean} [gone] false if absent
 */

/**
 * The whole overlay. `rev`: that of the one it was made from, 0 if there was none.
 * @typedef {object} OverlayEdit
 * @property {number} [rev] 0 if absent; 0 to 2^53-1
 * @property {string} [first_name] "" if absent; at most 200 characters; one line
 * @property {string} [last_name] "" if absent; at most 200 characters; one line
 * @property {PhoneNumber[]} [numbers] [] if absent; at most 20 items
 * @property {Email[]} [emails] [] if absent; at most 20 items
 * @property {string} [notes] "" if absent; at most 8,000 characters
 */

/**
 * The overlay was changed in another client: `current` is what there is now, `yours` what you sent.
 * @typedef {object} OverlayConflict
 * @property {string} title
 * @property {number} status
 * @property {string} code
 * @property {string} detail
 * @property {Overlay} current
 * @property {Overlay} yours
 */

/**
 * The reader's stars and overlays, whole. `position`: follow changes from there.
 * @typedef {object} OwnThings
 * @property {Favourite[]} favourites
 * @property {Overlay[]} overlays
 * @property {ContactsPosition} position
 */

/**
 * The position up to which the client knows everything.
 * @typedef {object} ChangesQuery
 * @property {number} [shared] 0 if absent; 0 to 2^53-1
 * @property {number} [own] 0 if absent; 0 to 2^53-1
 * @property {number} [limit] 200 if absent; 1 to 500
 */

/**
 * What has changed since a position, oldest first. Afterwards the client is at `position`.
 *
 * `more`: ask again from there. `too_old`: what changed is no longer known (the trash was emptied): read afresh.
 * @typedef {object} ContactChanges
 * @property {ContactsPosition} position
 * @property {Contact[]} [contacts] [] if absent
 * @property {Favourite[]} [favourites] [] if absent
 * @property {Overlay[]} [overlays] [] if absent
 * @property {boolean} [more] false if absent
 * @property {boolean} [too_old] false if absent
 */

/**
 * A number as a telephone shows it, or an extension.
 * @typedef {object} LookupQuery
 * @property {string} number 1 to 64 characters; one line
 */

/**
 * Somebody behind a number: a coworker or a contact. `label`: which of the numbers it is.
 * @typedef {object} NumberMatch
 * @property {string} label
 * @property {string} number
 * @property {Contact | null} [contact]
 * @property {Coworker | null} [coworker]
 */

/**
 * Whose number this is: the reader's own contacts and overlays first, then shared contacts, then coworkers.
 * @typedef {object} NumberFound
 * @property {string} e164
 * @property {NumberMatch[]} matches
 */

/**
 * `group`: one of contacts/groups.py. `search`: every word must be found, without regard to accents and case.
 *
 * `status`: only coworkers of the group who are available, busy, offline, or unknown. `language` (as `sv` or `nb-NO`):
 * whose alphabet orders the names; the same for all pages of a list.
 * @typedef {object} PeopleQuery
 * @property {number} [limit] 50 if absent; 1 to 100
 * @property {string | null} [after] at most 4,096 characters; one line
 * @property {string} [group] "all" if absent; at most 256 characters; one line
 * @property {string | null} [status] matches `^(available|busy|offline|unknown)$`
 * @property {string} [search] "" if absent; at most 200 characters; one line
 * @property {string} [sort] "name" if absent; matches `^(name|status|department|email|extension)$`
 * @property {boolean} [descending] false if absent
 * @property {string | null} [language] at most 35 characters; matches `^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`
 */

/**
 * A coworker or a contact, with what the reader put on it.
 * @typedef {object} ListedPerson
 * @property {Coworker | null} [coworker]
 * @property {Contact | null} [contact]
 * @property {Overlay | null} [overlay]
 * @property {boolean} [favourite] false if absent
 */

/**
 * In the order that was asked for. `total`: how many there are in all pages (only told on the first).
 * @typedef {object} PeoplePage
 * @property {ListedPerson[]} items
 * @property {number | null} total
 * @property {string | null} next
 */

/**
 * @typedef {object} GroupCount
 * @property {string} group
 * @property {number} people
 */

/**
 * All groups that the reader has, with how many are in each.
 * @typedef {object} GroupCounts
 * @property {GroupCount[]} groups
 */

/**
 * Somebody whom callers find by name. The keys are what one types on a telephone: 2 for a, b, c and so on.
 * @typedef {object} AudioEntry
 * @property {UserId} user
 * @property {Extension} extension
 * @property {string} first_name
 * @property {string} last_name
 * @property {string} first_name_keys
 * @property {string} last_name_keys
 */

/**
 * @typedef {object} AudioDirectoryPage
 * @property {AudioEntry[]} items
 * @property {string | null} next
 */

/**
 * Something to be said of a row. `kind`: see contacts/codecs/model.py, or `invalid`; `detail` is for people.
 * @typedef {object} RowProblem
 * @property {string} kind
 * @property {string} [field] "" if absent
 * @property {string} [detail] "" if absent
 */

/**
 * What an update does to a field, as text. `kept`: the file says otherwise, but what there is stays.
 * @typedef {object} FieldChange
 * @property {string} field
 * @property {string} before
 * @property {string} after
 * @property {boolean} kept
 */

/**
 * One card or row of the file. `contact`: what it says, or for an update what the contact will be.
 *
 * `target`: the contact that is updated, or that it is a duplicate of, or that was made; `same_as_row`: the row before
 * that says the same.
 * @typedef {object} ImportRow
 * @property {number} row
 * @property {number} line
 * @property {RowOutcome} outcome
 * @property {ContactFields | null} [contact]
 * @property {number} [target] 0 if absent
 * @property {number} [same_as_row] 0 if absent
 * @property {FieldChange[]} [changes] [] if absent
 * @property {RowProblem[]} [problems] [] if absent
 */

/**
 * Rows by outcome. Until the status is `ready` they are those that were read so far.
 * @typedef {object} ImportCounts
 * @property {number} create
 * @property {number} update
 * @property {number} duplicate
 * @property {number} refused
 * @property {number} left
 */

/**
 * An import with its totals. `progress` from 0 to 1, of whatever is going on. `encoding_is_sure`: not a guess.
 * @typedef {object} Import
 * @property {string} id
 * @property {string} name
 * @property {boolean} shared
 * @property {ImportStatus} status
 * @property {number} [progress] 0 if absent
 * @property {ImportCounts} [counts] {"create":0,"update":0,"duplicate":0,"refused":0,"left":0} if absent
 * @property {string} [format] "" if absent
 * @property {string} [encoding] "" if absent
 * @property {boolean} [encoding_is_sure] true if absent
 * @property {string} [delimiter] "" if absent
 * @property {number} [size] 0 if absent
 * @property {string} [problem] "" if absent
 * @property {string | null} [created_at]
 * @property {string | null} [applied_at]
 */

/**
 * `name` of the file, to be shown. `shared`: into the shared contacts instead of one's own.
 * @typedef {object} NewImport
 * @property {string} [name] "" if absent; at most 200 characters; one line
 * @property {boolean} [shared] false if absent
 */

/**
 * How to read the file, where it was recognised wrongly. Absent: as it is recognised.
 * @typedef {object} ImportCorrection
 * @property {string | null} [format] matches `^(vcard|google|outlook|table)$`
 * @property {string | null} [encoding] 1 to 40 characters; one line
 * @property {string | null} [delimiter] 1 to 1 characters
 */

/**
 * @typedef {object} ImportRowsQuery
 * @property {number} [limit] 50 if absent; 1 to 100
 * @property {string | null} [after] at most 256 characters; one line
 * @property {string | null} [outcome] matches `^(create|update|duplicate|refused|left)$`
 */

/**
 * @typedef {object} ImportRowsPage
 * @property {ImportRow[]} items
 * @property {string | null} next
 */

/**
 * `group`: one of contacts/groups.py.
 * @typedef {object} ContactsExportQuery
 * @property {string} [group] "mine" if absent; at most 256 characters; one line
 * @property {string} [format] "vcard" if absent; matches `^(vcard|google|outlook)$`
 */

/**
 * One of one's own logins. `current`: the one that is asking. `kind`: `cookie` (a browser) or `bearer`.
 *
 * `used_at` is exact to some minutes; `ends_at`: if nobody uses it until then.
 * @typedef {object} Login
 * @property {SessionId} session
 * @property {boolean} current
 * @property {string} kind
 * @property {string} user_agent
 * @property {string} address
 * @property {string} created_at
 * @property {string} used_at
 * @property {string} ends_at
 */

/**
 * Whoever was used last comes first.
 * @typedef {object} Logins
 * @property {Login[]} items
 */

/**
 * @typedef {object} LoginsEnded
 * @property {number} ended
 */

/**
 * Of one's own password. `current`: the one until now.
 * @typedef {object} PasswordChange
 * @property {string} current 1 to 1,024 characters
 * @property {string} password 1 to 1,024 characters
 */

/**
 * That it is really the user: `password`, or a `code` of the authenticator app or a recovery code. One of them.
 *
 * Whoever has neither a password nor an app, and so logs in by single sign-on or a passkey, gives none, within ten
 * minutes of a login; a refusal of the field `login` wants another login first.
 * @typedef {object} Proof
 * @property {string} [password] "" if absent; at most 1,024 characters
 * @property {string} [code] "" if absent; at most 64 characters
 */

/**
 * @typedef {object} Code
 * @property {string} code 1 to 64 characters
 */

/**
 * `token`: of the answer `second_factor_required`.
 * @typedef {object} PendingToken
 * @property {string} token 1 to 512 characters; one line
 */

/**
 * `code`: six digits of the authenticator app, or a recovery code. `passkey`: instead, what a browser's
 * `PublicKeyCredential.toJSON()` gives, as text.
 * @typedef {object} SecondStep
 * @property {string} token 1 to 512 characters; one line
 * @property {string} [code] "" if absent; at most 64 characters
 * @property {string} [passkey] "" if absent; at most 16,384 characters
 */

/**
 * `totp_since`: of an authenticator app; null: none. `recovery_codes`: how many are left.
 *
 * `required`: the domain wants everybody to have a second factor.
 * @typedef {object} SecondFactors
 * @property {string | null} totp_since
 * @property {number} recovery_codes
 * @property {boolean} required
 */

/**
 * `secret`: to be typed into an app. `uri`: the same as `otpauth://`, and `qr` as a QR code, where `1` is dark.
 * @typedef {object} TotpSetUp
 * @property {string} secret
 * @property {string} uri
 * @property {string[]} qr
 * @property {string} ends_at
 */

/**
 * Shown this once. Each lets its user in one time without the app.
 * @typedef {object} RecoveryCodes
 * @property {string[]} codes
 */

/**
 * `second_factor_required`: whoever has none is led through setting one up at the next login.
 * @typedef {object} DomainSecurity
 * @property {boolean} second_factor_required
 */

/**
 * `without_second_factor`: how many who may log in have none yet.
 * @typedef {object} DomainSecurityState
 * @property {boolean} second_factor_required
 * @property {number} without_second_factor
 */

/**
 * `scopes`: what it may do (docs/login.md). `days`: until it ends by itself; null: never.
 *
 * `extension`: as whom it acts; null: as whoever makes it. Only an administrator, who is nobody here, names another.
 * @typedef {object} NewApiKey
 * @property {string} name 1 to 64 characters; one line
 * @property {string[]} scopes 1 to 32 items; at most 64 characters
 * @property {number | null} [days] 1 to 3,650
 * @property {Extension | null} [extension] 1 to 16 items; matches `^[0-9]+$`
 */

/**
 * `user`, `extension`: as whom it acts. `created_by` null: made by an administrator. `used_at`: to some minutes.
 * @typedef {object} ApiKey
 * @property {string} key
 * @property {string} name
 * @property {UserId} user
 * @property {Extension} extension
 * @property {string[]} scopes
 * @property {UserId | null} created_by
 * @property {string} created_at
 * @property {string | null} expires_at
 * @property {string | null} used_at
 */

/**
 * @typedef {object} ApiKeys
 * @property {ApiKey[]} items
 */

/**
 * `token`: to be sent as `Authorization: Bearer`, or in `connect`. Shown this once.
 * @typedef {object} ApiKeyMade
 * @property {ApiKey} key
 * @property {string} token
 */

/**
 * @typedef {object} SignOnQuery
 * @property {string} domain 1 to 253 characters; matches `^[A-Za-z0-9._-]+$`
 */

/**
 * `language`: in which the company writes to people of whom none is known, for the login page; "": not chosen.
 * @typedef {object} SignOnOffer
 * @property {boolean} available
 * @property {string} language
 */

/**
 * `domain`: what follows the @ of a login.
 * @typedef {object} SignOnWanted
 * @property {string} domain 1 to 253 characters; matches `^[A-Za-z0-9._-]+$`
 */

/**
 * `url`: the identity provider's; it sends the browser back to us.
 * @typedef {object} SignOnBegun
 * @property {string} url
 */

/**
 * What an identity provider sends along (RFC 6749, RFC 9207). What else it sends is left.
 * @typedef {object} SignOnAnswer
 * @property {string} state at most 512 characters
 * @property {string} code at most 4,096 characters
 * @property {string} error at most 256 characters
 * @property {string} iss at most 512 characters
 */

/**
 * `token`: a JWT, see docs/login.md. `bearer`: answer with a token instead of a cookie.
 * @typedef {object} HandOver
 * @property {string} domain 1 to 253 characters; matches `^[A-Za-z0-9._-]+$`
 * @property {string} token 1 to 8,192 characters; one line
 * @property {boolean} [bearer] false if absent
 */

/**
 * `domain`: what follows the @ of a login.
 * @typedef {object} PasskeyWanted
 * @property {string} domain 1 to 253 characters; matches `^[A-Za-z0-9._-]+$`
 */

/**
 * `options`: JSON for `PublicKeyCredential.parseCreationOptionsFromJSON`, or `parseRequestOptionsFromJSON`.
 * @typedef {object} PasskeyBegun
 * @property {string} token
 * @property {string} options
 */

/**
 * `options`: as of `PasskeyBegun`; the answer belongs to the token of the login that is under way.
 * @typedef {object} PasskeyAsked
 * @property {string} options
 */

/**
 * `bearer`: answer with a token instead of a cookie.
 * @typedef {object} PasskeyLogin
 * @property {string} token 1 to 512 characters; one line
 * @property {string} passkey 2 to 16,384 characters
 * @property {boolean} [bearer] false if absent
 */

/**
 * `name`: for its user, to know it by.
 * @typedef {object} NewPasskey
 * @property {string} token 1 to 512 characters; one line
 * @property {string} name 1 to 64 characters; one line
 * @property {string} passkey 2 to 16,384 characters
 */

/**
 * @typedef {object} OwnPasskey
 * @property {string} passkey
 * @property {string} name
 * @property {string} created_at
 * @property {string | null} used_at
 */

/**
 * `available`: whether there can be any under the address at which people reach us.
 * @typedef {object} OwnPasskeys
 * @property {boolean} available
 * @property {OwnPasskey[]} items
 */

/**
 * @typedef {Connect | Alive | SetAvailable | SetShown | SetDnd | SetStatus | SetAppearOffline | Watch | Why | GetPresence | RegisterDevice | UnregisterDevice | ReportCall | GetCoworkers | LookUpNumber | OpenConversation | ListConversations | GetConversation | CreateGroup | RenameGroup | SetHistory | AddMembers | RemoveMember | LeaveGroup | SetManager | SetMuted | SendMessage | EditMessage | DeleteMessage | React | Typing | GetMessages | GetChanges | SearchMessages | MarkRead | MarkDelivered} AnyCommand
 */

/**
 * @typedef {Connected | Done | Failed | Watching | Explained | DeviceRegistered | CoworkersFound | NumberLookedUp | ConversationOpened | ConversationsListed | MessageSent | MessagesListed | ChangesListed | MessagesFound} AnyReply
 */

/**
 * @typedef {PresenceSnapshot | PresenceChanged | PresenceDoubted | Heartbeat | ConversationsSnapshot | ConversationAdded | ConversationRemoved | GroupChanged | MuteChanged | MessageAdded | MessageChanged | MessagesMissed | ChangesMissed | MessagesExpired | TypingStarted | ReadMarked | DeliveredMarked | MembersMarked | DirectoryChanged | ContactsChanged | ImportChanged | ProfileChanged | UsersChanged | SessionEnded | Reconnect} AnyEvent
 */

/**
 * The reply to each command, by the command's `op`.
 * @typedef {{ connect: Connected, alive: null, set_available: Done, set_shown: Done, set_dnd: Done, set_status: Done, set_appear_offline: Done, watch: Watching, why: Explained, get_presence: Done, register_device: DeviceRegistered, unregister_device: Done, report_call: Done, get_coworkers: CoworkersFound, look_up_number: NumberLookedUp, open_conversation: ConversationOpened, list_conversations: ConversationsListed, get_conversation: ConversationOpened, create_group: ConversationOpened, rename_group: Done, set_history: Done, add_members: Done, remove_member: Done, leave_group: Done, set_manager: Done, set_muted: Done, send_message: MessageSent, edit_message: Done, delete_message: Done, react: Done, typing: Done, get_messages: MessagesListed, get_changes: ChangesListed, search_messages: MessagesFound, mark_read: Done, mark_delivered: Done }} ReplyTo
 */
