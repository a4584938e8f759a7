// The way to the server: this run's token goes with everything.

const token = document.querySelector('meta[name="demo-token"]').content;

/** The state of both phones; null = unchanged since `digest`. Throws when the server cannot be reached. */
export async function state(contacts, digest) {
  const asked = new URLSearchParams({ ...contacts, since: digest });
  const answer = await fetch(`/demo/state?${asked}`, { headers: { "X-Demo-Token": token }, cache: "no-store" });
  if (answer.status === 204) return null;
  if (answer.status === 403) throw new Error("stale");
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

/** Change something. Answers what the server said; throws when it refused. */
export async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Demo-Token": token },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(answer.status === 403 ? "stale" : `HTTP ${answer.status}`);
  return answer.json();
}
