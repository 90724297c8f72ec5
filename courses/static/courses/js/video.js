// Lets a lesson's video go on where one stopped, and tells the site where that is. Without it the video just plays.
const EVERY = 10_000; // milliseconds between two reports while it plays

for (const box of document.querySelectorAll('[data-video]')) {
  const video = box.querySelector('video');
  if (!video) continue;
  const form = box.querySelector('[data-video-position]');
  const offer = box.querySelector('[data-video-resume]');
  let start = Number(box.dataset.start);
  let begun = false;
  let sent = start;
  let sentAt = Date.now();

  const message = () => {
    const seconds = video.ended ? 0 : Math.floor(video.currentTime);
    if (!form || !begun || seconds === sent) return null;
    sent = seconds;
    sentAt = Date.now();
    form.elements.seconds.value = seconds;
    return new FormData(form);
  };
  const save = () => {
    const body = message();
    // A report that gets lost is made up for by the next one.
    if (body) fetch(form.action, { method: 'POST', body, keepalive: true }).catch(() => {});
  };
  const go = (seconds) => {
    start = seconds;
    if (video.readyState) video.currentTime = seconds;
    offer.hidden = true;
    video.focus();
    video.play().catch(() => {});
  };

  if (offer) {
    box.querySelector('[data-video-continue]').addEventListener('click', () => go(Number(box.dataset.start)));
    box.querySelector('[data-video-restart]').addEventListener('click', () => go(0));
  }
  // The browser's own button goes on where one stopped, too.
  video.addEventListener('loadedmetadata', () => {
    if (start && start < video.duration - 2) video.currentTime = start;
  });
  video.addEventListener('playing', () => {
    begun = true;
    if (offer) offer.hidden = true;
  });
  video.addEventListener('timeupdate', () => {
    if (Date.now() - sentAt >= EVERY) save();
  });
  video.addEventListener('pause', save);
  video.addEventListener('ended', save);
  video.addEventListener('error', () => { box.querySelector('[data-video-error]').hidden = false; });
  addEventListener('pagehide', () => {
    const body = message();
    if (body) navigator.sendBeacon(form.action, body);
  });
}
