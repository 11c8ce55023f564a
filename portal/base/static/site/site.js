// Everything works without this file.  It closes the language list, adds the reader's own time beside the time of
// the place, copies addresses, and moves the focus to the list of errors.
(() => {
  "use strict";

  const languages = document.querySelector("details.langs");
  if (languages) {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !languages.open) return;
      languages.open = false;
      languages.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => {
      if (!languages.contains(event.target)) languages.open = false;
    });
    languages.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !languages.contains(event.relatedTarget)) languages.open = false;
    });
  }

  const language = document.documentElement.lang;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  const place = zone.split("/").pop().replaceAll("_", " ");
  // English without a country would write the hour as the United States do.
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
  });
  for (const time of document.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const offset = /([+-])(\d\d):(\d\d)$/.exec(time.dateTime);
    if (Number.isNaN(moment.getTime()) || !offset) continue;
    const there = (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3]));
    if (there === -moment.getTimezoneOffset()) continue; // both clocks show the same
    time.textContent = time.dataset.text.replace("{time}", format.format(moment)).replace("{place}", place);
    time.hidden = false;
  }

  for (const button of document.querySelectorAll("button[data-copies]")) {
    if (!navigator.clipboard) break; // without https there is none
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copies);
      field.select();
      await navigator.clipboard.writeText(field.value);
      const said = button.nextElementSibling;
      said.textContent = said.dataset.done;
    });
  }

  document.querySelector("#errors")?.focus();
})();
