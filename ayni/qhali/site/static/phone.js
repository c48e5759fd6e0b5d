// On every page: nothing of another conversation stays on the phone, and what is on the page can be heard.
import { erase, read } from "./waiting.js";
import "./reading.js";

if (read() && read().conversation !== document.body.dataset.conversation && !document.getElementById("waiting")) {
  erase();
}
if (!document.body.dataset.conversation && !document.getElementById("waiting")) {
  sessionStorage.removeItem("qhali.place");
}
