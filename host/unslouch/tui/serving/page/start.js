// Loads the terminal once its font is here, since it measures the font only once, and gives it the keyboard.
"use strict";

const FONTS = ["16px 'Roboto Mono'", "bold 16px 'Roboto Mono'", "italic 16px 'Roboto Mono'"];

function focusTerminal() {
  const body = document.body;
  if (body.classList.contains("-closed")) {
    document.querySelector("#again").focus();
  } else {
    document.querySelector(".xterm-helper-textarea")?.focus();
  }
}

async function start() {
  await Promise.allSettled(FONTS.map((font) => document.fonts.load(font)));
  const script = document.createElement("script");
  script.src = "static/js/textual.js";
  script.onload = () => {
    window.onload(); // it waits for an event that is over
    focusTerminal();
  };
  document.head.append(script);
}

document.querySelector("#again").addEventListener("click", () => window.location.reload());
new MutationObserver(focusTerminal).observe(document.body, { attributeFilter: ["class"] });
window.addEventListener("focus", focusTerminal);
start();
