/** Asks this page's own server for a token, whenever one is needed, and opens a chat from a button. */

const session = document.querySelector("presence-session");
session.getToken = async () => {
  const answer = await fetch("/token", { method: "POST" });
  return answer.ok ? (await answer.json()).token : null;
};

const ask = document.querySelector("#ask");
const extension = document.querySelector("presence-dot").getAttribute("extension");
ask.addEventListener("click", () => document.querySelector("chat-dock").open(extension));
