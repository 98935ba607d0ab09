extension DashboardAsset {
    /// What pages do beside reading: they follow the server's events, tick all boxes at once, and ask before what cannot be undone.
    ///
    /// Without it every page can be read and every form sent.
    static let scriptText = #"""
        "use strict";
        (() => {
          const root = document.querySelector("[data-events]");
          const state = document.getElementById("live-state");
          const toggle = document.getElementById("live-toggle");

          // Changes what differs, so that focus, ticked boxes and open details stay.
          const morph = (old, now) => {
            if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName) { old.replaceWith(now); return; }
            if (old.nodeType !== Node.ELEMENT_NODE) {
              if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
              return;
            }
            for (const { name } of [...old.attributes]) {
              if (!now.hasAttribute(name) && name !== "open") old.removeAttribute(name);
            }
            for (const { name, value } of now.attributes) {
              if (old.getAttribute(name) !== value) old.setAttribute(name, value);
            }
            const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
            let place = old.firstChild;
            for (const child of [...now.childNodes]) {
              const same = child.id ? known.get(child.id) : null;
              if (same && same !== place) old.insertBefore(same, place);
              if (same) { place = same.nextSibling; morph(same, child); continue; }
              if (!place || (child.id && child.nodeType === 1) || place.id) { old.insertBefore(child, place); continue; }
              const next = place.nextSibling;
              morph(place, child);
              place = next;
            }
            while (place) { const next = place.nextSibling; place.remove(); place = next; }
          };

          const fragment = (html, tag) => {
            const holder = document.createElement("template");
            holder.innerHTML = html;
            return tag ? holder.content.querySelector(tag) : holder.content;
          };

          const apply = (data) => {
            const live = document.getElementById("live");
            if (live && data.live !== undefined) {
              const copy = live.cloneNode(false);
              copy.append(fragment(data.live));
              morph(live, copy);
            }
            for (const [id, html] of Object.entries(data.rows || {})) {
              const row = document.getElementById("job-" + id);
              const now = fragment("<table><tbody>" + html + "</tbody></table>", "tr");
              if (row && now) morph(row, now);
            }
          };

          let source = null;
          let wait = 2000;
          let timer = 0;
          const show = (word) => {
            if (!state) return;
            const text = state.dataset[word];
            if (state.textContent !== text) state.textContent = text;
            state.className = "tag " + (word === "on" ? "ok" : word === "lost" ? "warn" : "");
          };
          const stop = (word) => {
            clearTimeout(timer);
            if (source) source.close();
            source = null;
            show(word);
          };
          const start = () => {
            stop("lost");
            source = new EventSource(root.dataset.events);
            source.addEventListener("open", () => { wait = 2000; show("on"); });
            source.addEventListener("live", (event) => apply(JSON.parse(event.data)));
            source.addEventListener("error", () => {
              show("lost");
              // A browser tries again by itself, unless it was answered with a refusal.
              if (source && source.readyState === EventSource.CLOSED) {
                timer = setTimeout(start, wait);
                wait = Math.min(wait * 2, 60000);
              }
            });
          };
          if (root && root.dataset.events && window.EventSource) {
            toggle.hidden = false;
            state.hidden = false;
            let isOn = true;
            toggle.addEventListener("click", () => {
              isOn = !isOn;
              toggle.textContent = isOn ? toggle.dataset.pause : toggle.dataset.resume;
              if (isOn) start(); else stop("off");
            });
            window.addEventListener("pagehide", () => stop("off"));
            window.addEventListener("pageshow", () => { if (isOn) start(); });
          }

          // On narrow screens the sections stand in a row that is moved sideways.
          const here = document.querySelector(".side nav [aria-current]");
          if (here) {
            const row = here.closest("nav");
            const [place, frame] = [here.getBoundingClientRect(), row.getBoundingClientRect()];
            row.scrollLeft += place.left - frame.left - (frame.width - place.width) / 2;
          }

          for (const box of document.querySelectorAll("input[data-all]")) {
            box.closest("label").hidden = false;
            box.addEventListener("change", () => {
              for (const other of document.querySelectorAll("input[name=id]")) other.checked = box.checked;
            });
          }
          document.addEventListener("click", (event) => {
            const button = event.target.closest("button[data-confirm]");
            if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
          });
          for (const picker of document.querySelectorAll("select[data-submit]")) {
            picker.addEventListener("change", () => picker.form.requestSubmit());
          }
        })();

        """#
}
