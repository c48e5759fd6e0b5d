// Shows a notice on the phone, says that it has arrived, and carries the button that was tapped. The token in
// a notice is of that notice alone. One address has one worker, so the page without signal is its work too.
"use strict";

importScripts("/static/offline-worker.js");

const tell = (token, choice) =>
  fetch("/aviso", { method: "POST", body: new URLSearchParams(choice ? { token, choice } : { token }) });

self.addEventListener("push", (event) => {
  const notice = event.data.json();
  const options = {
    body: notice.text,
    tag: notice.tag,
    lang: "es-PE",
    icon: "/static/qhali.svg",
    actions: notice.actions,
    data: notice.token,
  };
  event.waitUntil(
    Promise.all([self.registration.showNotification("QHALI", options), tell(notice.token).catch(() => {})])
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const done = event.action ? tell(event.notification.data, event.action).catch(() => {}) : Promise.resolve();
  event.waitUntil(done.then(() => self.clients.openWindow("/pedido")));
});
