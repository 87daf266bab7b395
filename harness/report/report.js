"use strict";
(() => {
  const players = [...document.querySelectorAll("audio, video")];
  const lines = [...document.querySelectorAll(".line")].map((line) => [...line.querySelectorAll(".take")]);

  // Only one plays at a time, and a take begins anew: comparing means hearing the same words again.
  for (const player of players) {
    const take = player.closest(".take");
    player.addEventListener("play", () => {
      for (const other of players) if (other !== player) other.pause();
      take.classList.add("playing");
    });
    for (const event of ["pause", "ended"]) player.addEventListener(event, () => take.classList.remove("playing"));
  }
  const stop = () => players.forEach((player) => player.pause());
  const start = (player) => {
    player.currentTime = 0;
    player.play();
  };

  // One take of each line can be reached with Tab; the arrow keys move among them.
  const select = (take) => {
    lines.flat().forEach((other) => (other.tabIndex = other === take || other.parentElement.matches(":first-child") ? 0 : -1));
    take.focus();
    take.scrollIntoView({ block: "nearest" });
  };
  const move = (take, across, down) => {
    const line = lines.findIndex((takes) => takes.includes(take));
    const place = lines[line].indexOf(take);
    const target = down ? lines[line + down]?.[Math.min(place, (lines[line + down]?.length ?? 1) - 1)] : lines[line][place + across];
    if (!target) return;
    const playing = players.some((player) => !player.paused);
    select(target);
    if (!playing) return;
    const player = target.querySelector("audio, video");
    if (player) start(player);
    else stop();
  };
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const take = event.target.closest?.(".take");
    if (!take) return;
    if (MOVES[event.key]) {
      event.preventDefault();
      move(take, ...MOVES[event.key]);
    } else if (event.key === " " && event.target === take) {
      event.preventDefault();
      const player = take.querySelector("audio, video");
      if (player) player.paused ? start(player) : player.pause();
    }
  }, true);

  // Measures open for all arms of a line at once: they are there to be compared.
  for (const line of document.querySelectorAll(".line")) {
    const more = [...line.querySelectorAll("details")];
    for (const one of more) one.addEventListener("toggle", () => more.forEach((other) => (other.open = one.open)));
  }

  const ogg = document.createElement("audio").canPlayType("audio/ogg; codecs=opus");
  if (document.querySelector("audio") && !ogg) document.getElementById("no-opus").hidden = false;

  const names = new Intl.DisplayNames(["en"], { type: "language" });
  for (const element of document.querySelectorAll("[data-language]")) {
    try {
      element.textContent = names.of(element.dataset.language) ?? element.textContent;
    } catch {
      // not a language code: it stays as it is
    }
  }
})();
