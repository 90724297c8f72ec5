// Mends what the admin site's theme leaves out.

// Places of modules, lessons and questions start at 1; the theme's own numbering after a drag starts at 0.
document.addEventListener("alpine:init", () => {
  window.sortRecords = (event) => {
    const field = event.from.dataset.orderingField;
    const places = `.form-group:not(.empty-form) td.field-${field} input[name$="-${field}"]`;
    event.from.querySelectorAll(places).forEach((input, index) => {
      input.value = index + 1;
    });
  };
});

// Every scrolling part is a region called "scrollable content": the menu's gets the menu's name.
document.addEventListener("DOMContentLoaded", () => {
  const apps = document.getElementById("nav-sidebar-apps");
  const menu = document.getElementById("nav-sidebar-inner");
  if (apps && menu) {
    apps.setAttribute("data-simplebar-aria-label", menu.getAttribute("aria-label"));
  }
});

// A search field built by script has no name of its own: it takes that of the field it stands for.
function nameSearchFields() {
  document.querySelectorAll("select + .select2-container .select2-selection").forEach((box) => {
    const select = box.closest(".select2-container").previousElementSibling;
    const name = select.getAttribute("aria-label") || select.labels?.[0]?.textContent.replace("*", "").trim();
    if (name) {
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", name);
      box.querySelector("[role=textbox]")?.setAttribute("aria-label", name);
    }
  });
}

// The head of the column with the bins is empty.
function nameEmptyHeads() {
  document.querySelectorAll("table.formset thead th").forEach((head) => {
    const label = head.closest("table").querySelector("td.delete")?.dataset.label;
    if (!head.textContent.trim() && label) {
      const text = document.createElement("span");
      text.className = "sr-only";
      text.textContent = label;
      head.append(text);
    }
  });
}

// The page's own tabs are one navigation among others.
function nameTabs() {
  const tabs = document.getElementById("tabs-items");
  tabs?.setAttribute("aria-label", document.getElementById("content").dataset.tabsLabel);
}

document.addEventListener("DOMContentLoaded", () => {
  nameTabs();
  nameEmptyHeads();
  nameSearchFields();
  // Search fields are built later, and again in each new row.
  new MutationObserver(nameSearchFields).observe(document.body, { childList: true, subtree: true });
});

// A new row is a copy of a hidden one. Style attributes, even empty ones, are not copied under the style policy.
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.(".add-row")) {
      document.querySelectorAll('.empty-form [style=""]').forEach((part) => part.removeAttribute("style"));
    }
  },
  true,
);

// Once a new row is stored, the texts its form kept in this browser are not drafts any more. The form cannot know: its
// page has no saved state to compare with, and the page that follows is another one.
document.addEventListener("readystatechange", () => { // comes before the editor's own script
  const from = document.referrer && new URL(document.referrer);
  if (document.readyState !== "interactive" || !from || from.origin !== location.origin || !from.pathname.endsWith("/add/")) {
    return;
  }
  // Only a stored row leads to a page of its own; elsewhere the message says so.
  const itsOwn = /^\d+\//.test(location.pathname.replace(from.pathname.replace(/add\/$/, ""), ""));
  if (!itsOwn && !document.querySelector("main ul > li > .bg-green-100")) {
    return;
  }
  try {
    Object.keys(localStorage)
      .filter((key) => key.startsWith(`draft:${from.pathname}:`) && JSON.parse(localStorage.getItem(key)).sent)
      .forEach((key) => localStorage.removeItem(key));
  } catch { /* storage is off: then there are no drafts either */ }
});

// The theme writes a chosen file's name into a text field beside it, also where there is none.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("input[type=file]").forEach((input) => {
    if (!input.parentNode.parentNode.parentNode.querySelector("input[type=text]")) {
      input.hasChangeListener = true;
    }
  });
});
