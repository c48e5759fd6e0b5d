// Two things a page cannot do without a script: say whether somebody looks at it, and ask the browser for a
// push subscription. Everything else works without this file.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Visible"] = document.visibilityState === "visible" ? "1" : "0";
});

const keyOf = (text) => {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
};

const subscribe = async (form) => {
  const registration = await navigator.serviceWorker.register("/avisos-worker.js");
  await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: keyOf(form.dataset.key) };
  const subscription = await registration.pushManager.subscribe(options);
  form.elements.address.value = JSON.stringify(subscription);
  form.submit();
};

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("push-form");
  if (!form) return;
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    document.getElementById("push-hint").textContent = "Este navegador no recibe avisos.";
    form.querySelector("button").disabled = true;
    return;
  }
  form.addEventListener("submit", (event) => {
    if (form.elements.address.value) return;
    event.preventDefault();
    subscribe(form).catch(() => {
      document.getElementById("push-hint").textContent =
        "El navegador no dio permiso. Puede elegir otro medio.";
    });
  });
});
