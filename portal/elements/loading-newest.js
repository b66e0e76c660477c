/** How long the newest release may take to come as a whole, in milliseconds. */
const PATIENCE = 15_000;

/**
 * Loads the page again, and not the one that is kept here if there is a newer one.
 */
export async function loadNewest() {
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.update().catch(() => undefined);
  const next = registration?.installing ?? registration?.waiting ?? null;
  // What does not come as a whole is loaded without the worker.
  if (registration && next && !(await isActivated(next))) await registration.unregister();
  location.reload();
}

/** @param {ServiceWorker} worker @returns {Promise<boolean>} */
function isActivated(worker) {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === "activated") resolve(true);
      if (worker.state === "redundant") resolve(false);
    };
    worker.addEventListener("statechange", look);
    setTimeout(() => resolve(false), PATIENCE);
    look();
  });
}
