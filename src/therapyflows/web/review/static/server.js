// Talking to our server: the token of the session, and signing in again in another window.
"use strict";
const Server = (() => {
  let contact = Date.now();
  const csrf = () => document.querySelector("meta[name=csrf]");

  // Whether this page's person is signed in (again); takes over the token of that session.  Somebody else who signed in
  // meanwhile in this browser gets none of it.
  async function signedIn() {
    const page = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (page.redirected || !page.ok) return false;
    const now = new DOMParser().parseFromString(await page.text(), "text/html");
    const fresh = now.querySelector("meta[name=csrf]");
    const person = (from) => from.querySelector("meta[name=person]")?.content;
    if (!fresh || person(now) !== person(document)) return false;
    csrf().content = fresh.content;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = fresh.content;
    return true;
  }
  const read = async (answer) => ({ status: answer.status, ...(await answer.json().catch(() => ({ message: "The answer was not understood." }))) });

  // ``last``: the page may be closing; the browser finishes the request all the same.
  async function post(url, body, last = false) {
    const send = () => fetch(url, { method: "POST", body, keepalive: last, headers: { Accept: "application/json", "X-CSRF-Token": csrf().content } });
    let answer = await send();
    if (answer.status === 403 && !last && await signedIn()) answer = await send();
    contact = Date.now();
    return read(answer);
  }
  const get = async (url) => read(await fetch(url, { headers: { Accept: "application/json" } }));
  return { signedIn, post, get, lastContact: () => contact };
})();
