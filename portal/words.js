/**
 * Every word that the page says, in one place. A second language is a second object of the same shape.
 *
 * Functions take what varies; nobody else puts sentences together.
 */

/** @param {number} count */
const people = (count) => (count === 1 ? "1 person" : `${count} people`);

/** @param {readonly string[]} names */
const list = (names) => {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
};

/**
 * @param {import("./client/protocol.js").Message} message
 * @param {(user: number) => string | null} nameOf null: the reader
 */
function groupLine({ sender, line }, nameOf) {
  const who = nameOf(sender) ?? "You";
  const users = line?.users ?? [];
  const whom = list(users.map((user) => nameOf(user) ?? "you"));
  const are = users.length === 1 && nameOf(users[0] ?? 0) !== null ? "is" : "are";
  switch (line?.kind) {
    case "created":
      return whom ? `${who} created the group “${line.name}” with ${whom}.` : `${who} created the group “${line.name}”.`;
    case "renamed":
      return `${who} renamed the group to “${line.name}”.`;
    case "added":
      return `${who} added ${whom}.`;
    case "removed":
      return `${who} removed ${whom}.`;
    case "left":
      return `${who} left.`;
    case "managers":
      return `${whom.replace(/^you$/, "You")} ${are} now a manager of the group.`;
    case "members":
      return `${whom.replace(/^you$/, "You")} ${are} no longer a manager of the group.`;
    case "history":
      return line.history === "all"
        ? `${who} let everybody who joins see the whole conversation.`
        : `${who} let everybody who joins see only what comes from then on.`;
    default:
      return `${who} changed the group.`;
  }
}
/** @param {number} count */
const contactCount = (count) => (count === 1 ? "1 contact" : `${count} contacts`);

/** @param {string} at RFC 3339 */
const dayOf = (at) => new Date(at).toLocaleDateString("en", { day: "numeric", month: "long", year: "numeric" });

const english = {
  language: "en",
  list,
  product: "Presence",

  titleWithUnread: (/** @type {number} */ unread, /** @type {string} */ title) => `(${unread}) ${title}`,

  presence: {
    offline: "Offline",
    offlineSince: (/** @type {string} */ when) => `Offline since ${when}`,
    phoneOnly: "Available by phone",
    phoneAndChat: "Available by phone and chat",
    chatOnly: "Available by chat",
    ringing: "Ringing",
    onThePhone: "On the phone",
    onThePhoneSince: (/** @type {string} */ when) => `On the phone since ${when}`,
    doNotDisturb: "Do not disturb",
    doNotDisturbSince: (/** @type {string} */ when) => `Do not disturb since ${when}`,
    unknown: "Unknown",
    unknownSince: (/** @type {string} */ when) => `Unknown since ${when}`,
    /** One word or two, where a status message takes the room. */
    short: {
      offline: "Offline",
      available: "Available",
      "chat-only": "Chat",
      dnd: "Do not disturb",
      phone: "On the phone",
      unknown: "Unknown",
      ringing: "Ringing",
    },
    chatToo: "can be reached by chat",
    noDisturbanceEither: "do not disturb",
    lastKnown: (/** @type {string} */ state) => `${state} (last known)`,
    join: (/** @type {string[]} */ parts) => parts.filter(Boolean).join(", "),
  },

  login: {
    title: "Log in",
    welcome: "See who is there. Talk to them.",
    login: "Login name",
    loginHint: "name@company.example",
    password: "Password",
    showPassword: "Show password",
    submit: "Log in",
    busy: "Logging in…",
    missingLogin: "Enter your login name.",
    loginNeedsDomain: "A login name looks like name@company.example.",
    missingPassword: "Enter your password.",
    forgotten: "Forgotten your password?",
    passwordSet: "Your new password is set. Log in with it.",
    wrong: "This login name and password do not belong together. Try again.",
    ended: {
      logged_out: "You were logged out in another window.",
      ended: "Your session was ended. Please log in again.",
      expired: "Your session has expired. Please log in again.",
      not_logged_in: "You are no longer logged in. Please log in again.",
    },
  },

  forgotten: {
    title: "Forgotten your password?",
    hint: "We mail you a link with which you set a new one.",
    submit: "Mail me a link",
    busy: "Asking…",
    sent: (/** @type {string} */ login) =>
      `If ${login} has a confirmed e-mail address, a mail with a link is on its way. The link works for an hour. If nothing comes, ask your office manager.`,
    back: "Back to the login",
  },

  newPassword: {
    title: "Set a new password",
    looking: "Looking at your link…",
    whose: "For",
    password: "New password",
    again: "New password again",
    rules: "At least 8 characters, with a capital letter and a digit.",
    pin: "Voicemail PIN",
    pinRules: "4 to 8 digits; no runs such as 1234, and not your extension.",
    welcome: "Welcome: set your password and PIN",
    missingPin: "Enter a PIN.",
    show: "Show passwords",
    submit: "Set password",
    busy: "Setting…",
    missing: "Enter a new password.",
    different: "The two passwords are not the same.",
    over: "This link was used already or is too old.",
    another: "Ask for a new link",
  },

  problems: {
    notConnected: "The server cannot be reached. Check your network and try again.",
    timedOut: "The server took too long to answer. Try again.",
    tooMany: "Too many attempts. Wait a moment and try again.",
    tooManyFor: (/** @type {number} */ seconds) => `Too many attempts. Try again in ${seconds} s.`,
    internal: "Something went wrong on the server. Try again.",
    tryAgain: "Try again",
  },

  connection: {
    live: "Live",
    connecting: "Connecting…",
    reconnecting: "Reconnecting…",
    reconnectingIn: (/** @type {number} */ seconds) => `Reconnecting in ${seconds} s`,
    offline: "Offline",
    stopped: "Disconnected",
    lastKnown: (/** @type {string} */ when) => `Showing how things were at ${when}.`,
    notYet: "The server cannot be reached.",
    noNetwork: "This device has no network.",
    tryNow: "Try now",
    ended: {
      4502: "The server refuses this address. Open the page under its usual address.",
      4503: "This page is older than the server. Reload it.",
      4504: "This page and the server do not understand each other. Reload the page.",
      4505: "Too many windows are open. Close some, then try again.",
      other: "The server ended the connection.",
    },
    reload: "Reload",
  },

  navigation: {
    label: "Main",
    people: "People",
    chats: "Chats",
    you: "You",
    skip: "Skip to the conversation",
    unread: (/** @type {number} */ count) => (count === 1 ? "1 unread message" : `${count} unread messages`),
    back: "Back",
    profile: "Profile",
    security: "Security",
    logout: "Log out",
    stay: "Stay",
  },

  contacts: {
    title: "People",
    search: "Search people",
    searchHint: "Name, number…",
    show: "Show",
    groups: { all: "All", available: "Available", busy: "Busy", offline: "Offline", unknown: "Unknown" },
    books: { all: "All people", favourites: "Your favorites", shared: "Shared contacts", mine: "My contacts", coworkers: "Coworkers" },
    departments: "Departments",
    sites: "Sites",
    group: "Group",
    sort: "Sort by",
    sorts: { name: "Name", status: "Status", extension: "Extension", department: "Department", email: "E-mail" },
    descending: "The other way round",
    extension: (/** @type {string} */ extension) => `Extension ${extension}`,
    count: people,
    chatWith: (/** @type {string} */ name) => `Chat with ${name}`,
    more: "More",
    add: "Add a contact",
    import: "Import…",
    export: "Export…",
    select: "Select several",
    trash: "Trash",
    star: (/** @type {string} */ name, /** @type {boolean} */ is) => (is ? `${name} is a favorite` : `Make ${name} a favorite`),
    favourite: "Favorite",
    about: "Details",
    details: (/** @type {string} */ name) => `About ${name}`,
    pick: (/** @type {string} */ name) => `Select ${name}`,
    picked: (/** @type {number} */ count) => `${count} selected`,
    tagPicked: "Tags…",
    shared: "Shared contact",
    personal: "My contact",
    edit: "Edit",
    delete: "Delete",
    undo: "Undo",
    cancel: "Cancel",
    save: "Save",
    saveAndAdd: "Save and add another",
    saved: "Saved.",
    added: (/** @type {string} */ name) => `${name} was added.`,
    deleted: (/** @type {string} */ name, /** @type {number} */ count, /** @type {number} */ changed) => {
      const done = name && count === 1 ? `${name} was deleted.` : `${contactCount(count)} deleted.`;
      return changed > 0 ? `${count > 0 ? `${done} ` : ""}${contactCount(changed)} changed meanwhile and stayed.` : done;
    },
    restored: (/** @type {number} */ count) => `${contactCount(count)} brought back.`,
    tagged: (/** @type {number} */ count) => `${contactCount(count)} tagged.`,
    newTitle: "New contact",
    missing: "This contact is not there any more.",
    chat: "Chat",
    whose: "Whose contact is it?",
    keepOwn: "Mine alone",
    keepShared: "Shared with everybody",
    overlayHint: "What you write here is seen by you alone; it changes nothing for the others.",
    fields: {
      first_name: "First name",
      middle_name: "Middle name",
      last_name: "Last name",
      company: "Company",
      department: "Department",
      job_title: "Job title",
      extension: "Extension",
      site: "Site",
      number: "Number",
      email: "E-mail",
      address: "Address",
      numbers: "Numbers",
      emails: "E-mail addresses",
      addresses: "Addresses",
      notes: "Notes",
      tags: "Tags",
    },
    labels: { work: "Work", mobile: "Mobile", home: "Home", fax: "Fax", home_fax: "Home fax", extension: "Extension", other: "Other", main: "Main", pager: "Pager" },
    label: "Label",
    addRow: { numbers: "Add a number", emails: "Add an address", addresses: "Add an address" },
    removeRow: "Remove",
    addressFields: { street: "Street", postal_code: "Postal code", city: "City", region: "Region", country: "Country" },
    tagsHint: "With commas between them",
    tagTitle: (/** @type {number} */ count) => `Tags of ${contactCount(count)}`,
    addTags: "Put on",
    removeTags: "Take off",
    changedBy: (/** @type {string} */ who, /** @type {string} */ at) => `Last changed by ${who}${at ? `, ${dayOf(at)}` : ""}.`,
    deletedBy: (/** @type {string} */ kind, /** @type {string} */ at, /** @type {string} */ who) =>
      [kind, at ? `deleted ${dayOf(at)}` : "", who ? `by ${who}` : ""].filter(Boolean).join(" · "),
    changedMeanwhile: (/** @type {string} */ who) => `${who || "Somebody"} has changed this contact while you were editing. Nothing is saved yet:`,
    deletedMeanwhile: (/** @type {string} */ who) => `${who || "Somebody"} has deleted this contact while you were editing. Nothing is saved yet.`,
    theirs: "There now",
    yours: "Yours",
    takenOver: "taken over",
    saveMine: "Save what stands below",
    takeTheirs: "Drop my changes",
    restoreAndSave: "Bring it back and save mine",
    leaveDeleted: "Leave it deleted",
    restore: "Bring back",
    restoreOne: (/** @type {string} */ name) => `Bring ${name} back`,
    trashEmpty: "The trash is empty.",
    trashHint: (/** @type {number} */ days) => `What is deleted stays here for ${days} days.`,
    empty: {
      nobody: "Nobody else is in your directory yet.",
      search: (/** @type {string} */ text) => `Nobody matches “${text}”.`,
      available: "Nobody is available right now.",
      busy: "Nobody is busy right now.",
      offline: "Everybody is here.",
      uncertain: (/** @type {number} */ count) => `Nobody for certain: the state of ${people(count)} is unknown.`,
      unknown: "Everybody’s state is known.",
      group: "Nobody is in this group.",
      favourites: "You have no favorites yet: click the star beside a name.",
      shared: "There are no shared contacts yet.",
      mine: "You have no contacts of your own yet.",
    },
    clear: "Show everybody",
    failed: "The list of people could not be read.",
  },
  imports: {
    title: "Import contacts",
    into: "Into",
    intoOwn: "Into my contacts",
    intoShared: "Into the shared contacts",
    drop: "Drop a file here",
    choose: "Choose a file",
    kinds: "vCard (Apple, phones), or CSV from Google, Outlook or a spreadsheet. You see what would happen before anything is imported.",
    tooLarge: (/** @type {number} */ megabytes) => `The file is larger than ${megabytes} MB.`,
    progress: "Progress",
    format: "Format",
    encoding: "Letters",
    formats: { vcard: "vCard", google: "Google CSV", outlook: "Outlook CSV", table: "Other table" },
    exportFormats: { vcard: "vCard (Apple)", google: "Google CSV", outlook: "Outlook CSV" },
    exportGroup: "Who",
    exportAct: "Export",
    show: "Show",
    all: "All rows",
    rows: "Rows of the file",
    outcomes: { create: "New", update: "Added to", duplicate: "There already", refused: "Refused", left: "Left alone" },
    status: {
      reading: "Reading the file…",
      ready: "Nothing is imported yet. This is what would happen:",
      unsure: "Nothing is imported yet. If letters look wrong, choose other ones above.",
      applying: "Importing…",
      undoing: "Taking it back…",
      applied: (/** @type {number} */ created, /** @type {number} */ updated, /** @type {number} */ left) =>
        `Imported: ${created} new, ${updated} added to.${left > 0 ? ` ${left} left alone, because somebody changed them meanwhile.` : ""}`,
      undone: (/** @type {number} */ left) => `Taken back.${left > 0 ? ` ${left} stayed, because somebody changed them meanwhile.` : ""}`,
    },
    apply: (/** @type {number} */ count) => (count === 0 ? "Nothing to import" : `Import ${contactCount(count)}`),
    other: "Another file",
    undo: "Take it back",
    done: "Done",
    close: "Close",
    more: "Show more",
    nobody: (/** @type {number} */ line) => `Line ${line}`,
    sameAs: (/** @type {number} */ row) => `The same as row ${row}`,
    change: (/** @type {string} */ field, /** @type {string} */ before, /** @type {string} */ after, /** @type {boolean | undefined} */ kept) =>
      kept ? `${field}: stays “${before}”, the file says “${after}”` : before ? `${field}: “${before}” becomes “${after}”` : `${field}: + ${after}`,
    problem: (/** @type {{kind: string, field?: string, detail?: string}} */ { kind, field, detail }) => {
      const kinds = /** @type {Record<string, string>} */ ({
        not_a_contact: "Not a contact",
        empty: "Says nothing of anybody",
        too_large: "Too large",
        too_many: "More contacts than one file may have; the rest was not read",
        left_out: "Left out",
        kept_in_notes: "Kept in the notes",
        shortened: "Shortened; the whole is in the notes",
        guessed: "Please look at it",
        broken: "The file is damaged here",
        invalid: "",
      });
      return [kinds[kind] ?? "", kind === "invalid" ? "" : field, detail].filter(Boolean).join(": ");
    },
  },

  chats: {
    title: "Chats",
    start: "New conversation",
    muted: "muted",
    mentioned: "You were mentioned",
    deleted: "Message deleted",
    empty: "No conversations yet.",
    emptyHint: "Choose somebody under People and say hello.",
    toPeople: "Choose somebody",
    you: (/** @type {string} */ text) => `You: ${text}`,
    said: (/** @type {string} */ name, /** @type {string} */ text) => `${name}: ${text}`,
    draft: (/** @type {string} */ text) => `Draft: ${text}`,
    notSent: "Not sent",
    nothingYet: "No messages yet",
    older: "Show older conversations",
    formerColleague: "Unlisted person",
    group: "Group",
  },

  chat: {
    close: "Close the conversation",
    none: "No conversation is open.",
    noneHint: "Choose a person or a conversation on the left.",
    log: (/** @type {string} */ name) => `Messages with ${name}`,
    write: (/** @type {string} */ name) => `Message to ${name}`,
    placeholder: "Write a message",
    send: "Send",
    sending: "Sending…",
    waiting: "Waiting for the connection",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    edited: "Edited",
    deleted: "This message was deleted.",
    more: "More about this message",
    actions: "What to do with this message",
    menu: "About this conversation",
    react: (/** @type {string} */ emoji) => `React with ${emoji}`,
    reaction: (/** @type {string} */ emoji, /** @type {string} */ names) => `${emoji} by ${names}`,
    reply: "Reply",
    edit: "Edit",
    delete: "Delete",
    deleteAsk: "Delete this message for everybody? This cannot be undone.",
    keep: "Keep it",
    copy: "Copy the text",
    readBy: (/** @type {string} */ names) => `Read by ${names}`,
    deliveredTo: (/** @type {string} */ names) => `Delivered to ${names}`,
    notYet: (/** @type {string} */ names) => `Not yet with ${names}`,
    replyingTo: (/** @type {string} */ name) => `Reply to ${name}`,
    editing: "Edit your message",
    stop: "Stop",
    save: "Save the message",
    quoteMissing: "An earlier message",
    picture: "A file",
    typing: (/** @type {string[]} */ names) => (names.length > 2 ? "Several people are writing…" : `${list(names)} ${names.length === 1 ? "is" : "are"} writing…`),
    mentions: "Whom to mention",
    mute: "Mute",
    unmute: "Unmute",
    mutedNote: "Muted: only mentions of you draw attention.",
    details: "Members and settings",
    searchHere: "Search in this conversation",
    takeAlong: "Save as text",
    jumpTo: "Go to a date",
    dock: "Keep open beside others",
    undock: "No longer keep open",
    back: "Back to the newest",
    notDone: (/** @type {string} */ why) => `That did not work. ${why}`,
    failed: "Not sent.",
    retry: "Try again",
    discard: "Discard",
    today: "Today",
    yesterday: "Yesterday",
    newMessages: "New",
    jump: "Newest",
    jumpUnread: (/** @type {number} */ count) => (count === 1 ? "1 new message" : `${count} new messages`),
    loadingOlder: "Loading older messages…",
    olderFailed: "Older messages could not be loaded.",
    beginning: (/** @type {string} */ name) => `This is the beginning of your conversation with ${name}.`,
    sayHello: "Say hello.",
    you: "You",
    tooLong: (/** @type {number} */ over) => `${over} characters too long`,
    left: (/** @type {number} */ left) => `${left} characters left`,
    missing: "This conversation could not be found.",
    failedToOpen: "The conversation could not be opened.",
    toPeople: "Back to People",
    whileOffline: "You can go on writing: messages are sent as soon as the connection is back.",
  },

  notifications: {
    title: "Unread messages",
    email: "Tell me by e-mail",
    push: "Notifications in this browser",
    after: (/** @type {number} */ minutes) => {
      if (minutes === 0) return "Never";
      if (minutes % 60 === 0) return minutes === 60 ? "After an hour" : `After ${minutes / 60} hours`;
      return `After ${minutes} minutes`;
    },
    about: {
      unsupported: "This browser cannot show them.",
      denied: "You have forbidden them in this browser’s settings for this page.",
      off: "Also when this page is closed, until you log out.",
      on: "They are on, until you log out.",
    },
    turnOn: "Turn on",
    turnOff: "Turn off",
    browserRefused: "The browser could not turn them on.",
  },

  sms: {
    begin: "New text message",
    to: "To",
    from: "From",
    example: "+41 79 123 45 67",
    start: "Write",
    cancel: "Cancel",
    about: "Text messages",
    shared: (/** @type {string} */ others) => `shared with ${others}`,
    delivery: { sending: "Waiting for the provider", sent: "Sent", delivered: "Delivered", failed: "Not delivered" },
  },

  files: {
    attach: "Attach files",
    attached: "Files for the next message",
    drop: "Drop files here to attach them",
    picture: "Picture",
    several: (/** @type {number} */ count, /** @type {boolean} */ arePictures) => `${count} ${arePictures ? "pictures" : "files"}`,
    look: (/** @type {string} */ name) => `Look at ${name}`,
    lost: (/** @type {string} */ name) => `${name} could not be loaded.`,
    save: (/** @type {string} */ name, /** @type {string} */ size) => `Save ${name}, ${size}`,
    saveOriginal: "Save the original",
    pictureTitle: "Picture",
    previous: "Previous picture",
    next: "Next picture",
    place: (/** @type {number} */ at, /** @type {number} */ of) => `${at} of ${of}`,
    remove: (/** @type {string} */ name) => `Remove ${name}`,
    tryAgain: (/** @type {string} */ name) => `Try to upload ${name} again`,
    progress: (/** @type {string} */ name) => `Uploading ${name}`,
    percent: (/** @type {number} */ percent) => `Uploading… ${percent} %`,
    finishing: "Almost there…",
    waiting: "Waiting…",
    stillUploading: "You can send as soon as the files are uploaded.",
    size: (/** @type {number} */ bytes) => {
      if (bytes < 1_000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
      const [unit, size] = bytes < 1_000_000 ? ["kB", bytes / 1_000] : ["MB", bytes / 1_000_000];
      return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
    },
    problems: {
      type: "Programs are not taken. Put it into an archive.",
      size: (/** @type {string} */ most) => `Too large. A file has at most ${most}.`,
      empty: "This file is empty.",
      number: (/** @type {number} */ most) => `A message has at most ${most} files. Send it with the next one.`,
      connection: "The connection was lost.",
    },
  },

  groups: {
    line: groupLine,
    start: "New conversation",
    settings: "Members and settings",
    find: "Find people",
    findHint: "Name or extension",
    add: (/** @type {string} */ name) => `Add ${name}`,
    chosen: "Chosen",
    takeOut: (/** @type {string} */ name) => `Take ${name} out`,
    name: "Name of the group",
    nameHint: "What is it about?",
    history: "Who joins later sees",
    histories: { all: "the whole conversation", joined: "only what comes from then on" },
    chat: "Start the chat",
    create: "Create the group",
    rename: "Rename",
    members: (/** @type {number} */ count) => (count === 1 ? "1 member" : `${count} members`),
    addPeople: "Add people",
    addThem: (/** @type {number} */ count) => `Add ${people(count)}`,
    remove: "Remove",
    removeNamed: (/** @type {string} */ name) => `Remove ${name}`,
    makeManager: "Make a manager",
    unmakeManager: "No longer a manager",
    roles: { creator: "Creator", manager: "Manager", member: "" },
    readUpTo: (/** @type {string} */ when) => `Has read up to ${when}`,
    readAll: "Has read everything",
    readNothing: "Has read nothing yet",
    leave: "Leave the group",
    leaveAsk: "Leave this group? You will no longer see what is written in it, nor what was.",
    stay: "Stay",
    close: "Close",
    nobody: "Nobody matches.",
  },

  search: {
    label: "Search messages",
    hint: "Search messages",
    help: "“Words in quotes” stand together. from: a person, in: a conversation, after: and before: a date (2026-05-01).",
    clear: "End the search",
    searching: "Searching…",
    none: (/** @type {string} */ text) => `Nothing was found for “${text}”.`,
    failed: (/** @type {string} */ why) => `The search did not work. ${why}`,
    more: "Show more",
    results: "Messages that were found",
    unknownPerson: (/** @type {string} */ name) => `There is nobody named “${name}”.`,
    unknownConversation: (/** @type {string} */ name) => `You have no conversation named “${name}”.`,
    wrongDate: (/** @type {string} */ text) => `“${text}” is no date. Write it as 2026-05-01.`,
    noWord: "Add a word to look for.",
  },

  you: {
    title: "You",
    dnd: "Do not disturb",
    dndHint: "Everybody sees you as busy. Messages still arrive.",
    dndPending: {
      on: "Everybody sees you as busy. Your telephone system has not confirmed it yet: your phone may still ring.",
      off: "Your telephone system has not confirmed it yet: your phone may still stay silent.",
    },
    appearOffline: "Appear offline",
    appearOfflineHint: "You go on seeing your true state. You can call and chat.",
    appearsOffline: "Others see you as offline",
    available: "Available for chat",
    availableHint: "In this window",
    status: "Status message",
    statusHint: "What are you up to?",
    statusSave: "Set",
    statusClear: "Clear",
    needsConnection: "Needs a connection",
  },

  why: {
    title: "Why this colour?",
    of: (/** @type {string} */ name) => `Why this colour? ${name}`,
    close: "Close",
    counts: "What counts now",
    ignored: "What does not count",
    switches: "Switches that know this person",
    day: "The last 24 hours",
    decides: "decides",
    nothing: "Nothing: no telephone is registered, and nobody is logged in and available for chat.",
    session: "Logged in and available for chat",
    phases: { ringing: "A call rings", dialing: "Dialing", active: "In a call", held: "A call on hold", ended: "A call that has ended" },
    inBrowser: "in a browser",
    atSwitch: (/** @type {string} */ name) => `at ${name}`,
    onServer: (/** @type {string} */ name) => `on server ${name}`,
    since: (/** @type {string} */ when) => `Since ${when}.`,
    sinceAt: (/** @type {string} */ when, /** @type {string} */ place) => `Since ${when}, ${place}.`,
    registered: (/** @type {string} */ when, /** @type {string} */ place) => `Registered since ${when}, ${place}.`,
    endedAt: (/** @type {string} */ when, /** @type {string} */ place) => `Ended at ${when}, ${place}.`,
    unnamed: (/** @type {string} */ device) => `Telephone ${device}`,
    dndPending: "The telephone system has not confirmed it yet.",
    unregistered: (/** @type {string} */ when, /** @type {string} */ place) => `Unregistered at ${when}, ${place}.`,
    until: (/** @type {string} */ when) => `Ends at ${when} unless it is renewed.`,
    ranOutInSilence: (/** @type {string} */ when) => `Should have been renewed by ${when}, but its switch is silent.`,
    uncertain: "Its switch is silent, so this is not certain.",
    ignoredDevice: "It is set at the switch to say nothing about its user.",
    ringingAlone: "Ringing by itself turns nobody red here.",
    callOfSilentSwitch: "Its switch has been silent for too long to still believe it.",
    serverGone: "That server is gone, and its sessions with it.",
    heardAt: (/** @type {string} */ when) => `Last heard of at ${when}.`,
    silentSince: (/** @type {string} */ when) => `Silent since ${when}. What it said before is shown as unknown.`,
    appearsOffline: "Appears offline: others see a grey dot. This is how it really is.",
    unlisted: "Not listed in the directory: only managers see this dot.",
    states: {
      offline: "Offline",
      available: "Available by phone",
      "chat-only": "Available by chat",
      phone: "On the phone",
      ringing: "Ringing",
      dnd: "Do not disturb",
      unknown: "Unknown",
      unrecorded: "Not recorded",
    },
    now: "now",
    fromTo: (/** @type {string} */ from, /** @type {string} */ to) => `${from} – ${to}`,
    asList: (/** @type {number} */ count) => (count === 1 ? "As a list: 1 entry" : `As a list: ${count} entries`),
    duration: (/** @type {number} */ minutes) => {
      if (minutes < 1) return "under 1 min";
      const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
      return [hours ? `${hours} h` : "", rest ? `${rest} min` : ""].filter(Boolean).join(" ");
    },
    asOf: (/** @type {string} */ when) => `As of ${when}.`,
    rule: "The first that holds decides: a call, Do not disturb, chat, a telephone.",
    refused: {
      not_allowed: "What is behind this dot is told only to the person and to those who manage them.",
      not_found: "This person can no longer be found.",
    },
    sentences: (/** @type {string[]} */ parts) => parts.join(" "),
  },

  softphone: {
    title: "This browser as a phone",
    register: "Ring here",
    hint: "A try-out without sound: it registers and makes believe to call.",
    registering: "Registering…",
    registeredUntil: (/** @type {string} */ when) => `Registered until ${when}, then renewed`,
    notRegistered: "Not registered",
    call: "Call",
    ring: "Let it ring",
    answer: "Answer",
    hold: "Hold",
    resume: "Resume",
    hangUp: "Hang up",
    decline: "Decline",
    phases: { ringing: "Ringing…", dialing: "Dialing…", active: "In a call", held: "On hold", ended: "" },
  },

  profile: {
    title: "Profile",
    loading: "Loading your profile",
    failed: "Your profile could not be read.",
    save: "Save",
    saving: "Saving…",
    saved: "Saved.",
    cancel: "Discard changes",
    close: "Close",
    sections: { person: "Name", account: "Account", numbers: "Numbers", directory: "Directory", emails: "E-mail addresses" },
    fields: {
      first_name: "First name",
      last_name: "Last name",
      time_zone: "Time zone",
      extension: "Extension",
      login: "Login name",
      caller_id: "Caller ID",
      emergency_caller_id: "Emergency caller ID",
      area_code: "Area code",
      department: "Department",
      site: "Site",
      job_title: "Job title",
      record_calls: "Calls are recorded",
      list_in_directory: "List in directory",
      announce_in_directory: "Announce in audio directory",
      scope: "Role",
      status: "Account",
    },
    hints: {
      time_zone: "Times on this page are shown in it.",
      list_in_directory: "If off, nobody sees you in their contacts, nor your dot.",
      announce_in_directory: "Callers can find your extension by name.",
    },
    statuses: {
      new: "New",
      setup_required: "Setup required",
      password_required: "Password required",
      standard: "Standard",
    },
    email: (/** @type {number} */ number) => `E-mail address ${number}`,
    addEmail: "Add an address",
    removeEmail: (/** @type {string} */ address) => `Remove ${address || "this address"}`,
    noEmails: "None",
    yes: "Yes",
    no: "No",
    none: "–",
    readOnly: "These are set by whoever manages your telephone system.",
    changedElsewhere: "Your profile was changed elsewhere meanwhile.",
    takeOver: "Show the new one",
    security: "Password and logins",
  },

  security: {
    title: "Security",
    masked: "How somebody gets in is theirs alone to see and change.",
    password: {
      title: "Password",
      hint: "A new password logs you out everywhere but here.",
      current: "Current password",
      password: "New password",
      again: "New password again",
      missingCurrent: "Enter the password that you have now.",
      submit: "Change password",
      changed: "Your password is changed.",
    },
    logins: {
      title: "Where you are logged in",
      hint: "End what you do not know, and change your password.",
      loading: "Loading where you are logged in",
      current: "This window",
      end: "End",
      endOne: (/** @type {string} */ called) => `End ${called}`,
      endOthers: "End all others",
      ended: (/** @type {string} */ called) => `${called} was logged out.`,
      othersEnded: (/** @type {number} */ count) => (count === 1 ? "One other login was ended." : `${count} other logins were ended.`),
      /** What it was made with; both empty: unknown. */
      name: (/** @type {string} */ program, /** @type {string} */ system) => {
        if (!program) return system || "An unknown program";
        return system ? `${program} on ${system}` : program;
      },
      about: (/** @type {string} */ address, /** @type {string} */ begun, /** @type {string} */ used) =>
        [address, `since ${begun}`, used ? `last used ${used}` : ""].filter(Boolean).join(" · "),
    },
  },

  logoutWithUnsent: (/** @type {number} */ count) =>
    count === 1 ? "One message was not sent yet. Log out and lose it?" : `${count} messages were not sent yet. Log out and lose them?`,
};

/** @typedef {typeof english} Words */

/** @type {Words} */
export const words = english;
