/// Looks for what keeps people from using a page: text that is too pale, controls without names, a page that is wider than the
/// screen, tables and headings out of order (WCAG 2.2: 1.3.1, 1.4.3, 1.4.10, 2.4.2, 2.4.6, 2.5.8, 3.1.1, 4.1.2).
public enum Accessibility {
    /// Gives the problems as text, one a line.
    public static let script = #"""
        (() => {
          const problems = [];
          const note = (rule, element, more = "") => problems.push(
            rule + ": " + (element ? element.outerHTML.replace(/\s+/g, " ").slice(0, 140) : "") + " " + more);
          const isSeen = (element) => {
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            return style.visibility !== "hidden" && style.display !== "none" && box.width > 1 && box.height > 1
              && !element.closest("[hidden], .unseen, .skip:not(:focus), [aria-hidden=true]") && style.clipPath === "none";
          };
          const channel = (value) => {
            const part = value / 255;
            return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
          };
          const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
          const luminance = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
          const ground = (element) => {
            for (let at = element; at; at = at.parentElement) {
              const colour = numbers(getComputedStyle(at).backgroundColor);
              if (colour.length === 3 || colour[3] === 1) return colour;
            }
            return [255, 255, 255];
          };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            const element = text.parentElement;
            if (!text.nodeValue.trim() || !isSeen(element) || element.closest("script, option, svg")) continue;
            const style = getComputedStyle(element);
            const [one, other] = [luminance(numbers(style.color)), luminance(ground(element))].sort((a, b) => b - a);
            const ratio = (one + 0.05) / (other + 0.05);
            const size = parseFloat(style.fontSize);
            const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
            if (ratio < (isLarge ? 3 : 4.5)) note("contrast " + ratio.toFixed(2), element);
            if (size < 11.5) note("small " + size, element);
          }
          const labelled = (element) => (element.getAttribute("aria-labelledby") || "").split(" ")
            .map((id) => document.getElementById(id)?.textContent || "").join("").trim();
          const nameOf = (element) => (element.getAttribute("aria-label") || labelled(element)
            || [...(element.labels || [])].map((label) => label.textContent).join("") || element.textContent || "").trim();
          for (const control of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
            if (!isSeen(control)) continue;
            const isField = control.matches("input, select, textarea");
            const name = isField ? (control.getAttribute("aria-label") || labelled(control)
              || [...(control.labels || [])].map((label) => label.textContent).join("")).trim() : nameOf(control);
            if (!name) note("no name", control);
            const box = control.getBoundingClientRect();
            const isInline = getComputedStyle(control).display === "inline";
            if (!isInline && (box.height < 17 || box.width < 17)) note("target " + box.width + "x" + box.height, control);
          }
          for (const region of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
            const ids = [region.getAttribute("aria-labelledby"), region.getAttribute("aria-describedby")].join(" ");
            for (const id of ids.split(" ")) {
              if (id && id !== "null" && !document.getElementById(id)) note("label " + id + " is not there", region);
            }
          }
          for (const region of document.querySelectorAll("[tabindex='0']")) {
            if (isSeen(region) && !region.getAttribute("aria-label") && !labelled(region)) note("no name", region);
          }
          for (const element of document.querySelectorAll("*")) {
            const isScroller = element.scrollHeight > element.clientHeight + 1
              && ["auto", "scroll"].includes(getComputedStyle(element).overflowY) && isSeen(element);
            if (isScroller && element.tabIndex < 0 && element !== document.documentElement) note("cannot be scrolled", element);
          }
          const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
          for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) note("id " + id + " twice");
          if (document.querySelectorAll("h1").length !== 1) note("not one h1");
          let last = 1;
          for (const heading of document.querySelectorAll("h1, h2, h3")) {
            const level = Number(heading.tagName[1]);
            if (level > last + 1) note("heading out of order", heading);
            last = level;
          }
          for (const image of document.querySelectorAll("svg")) {
            if (!image.closest("[aria-hidden=true]") && !image.getAttribute("aria-label")) note("no text", image);
          }
          if (!document.documentElement.lang) note("no language");
          if (!document.title.trim()) note("no title");
          if (document.querySelectorAll("main").length !== 1) note("not one main");
          const wide = document.documentElement.scrollWidth;
          if (wide > innerWidth) {
            const culprit = [...document.querySelectorAll("body *")].find((element) => isSeen(element)
              && element.getBoundingClientRect().right > innerWidth + 1 && !element.closest("nav, .scroll, pre"));
            note("wider than the screen: " + wide + " > " + innerWidth, culprit || document.body);
          }
          return [...new Set(problems)].join("\n");
        })()
        """#
}
