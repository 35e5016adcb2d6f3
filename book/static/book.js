// Reading without code, terms that say what they mean, frames for wide tables. No request leaves the page.
"use strict";

// --- Reading without code --------------------------------------------------------------------------------------
const KEY = "book-code";

function remembered() {
    try {
        return localStorage.getItem(KEY);
    } catch {
        return null; // a browser may forbid it to pages that are files
    }
}

function remember(state) {
    try {
        localStorage.setItem(KEY, state);
    } catch {
        // then the next page begins with its code shown
    }
}

function tools(article) {
    const bar = document.createElement("div");
    bar.className = "book-tools";
    const code = document.createElement("button");
    code.type = "button";
    code.id = "without-code";
    code.textContent = "Read without code";
    const show = (state) => {
        document.documentElement.dataset.code = state;
        code.setAttribute("aria-pressed", String(state === "hidden"));
    };
    code.addEventListener("click", () => {
        const state = document.documentElement.dataset.code === "hidden" ? "shown" : "hidden";
        show(state);
        remember(state);
    });
    show(remembered() === "hidden" ? "hidden" : "shown");
    const paper = document.createElement("button");
    paper.type = "button";
    paper.textContent = "Print or save as PDF";
    paper.addEventListener("click", () => window.print());
    bar.append(code, paper);
    article.prepend(bar);
}

// --- Terms of the glossary -------------------------------------------------------------------------------------
function terms(article) {
    let shown = null;
    let count = 0;
    const hide = () => {
        if (shown) {
            shown.link.removeAttribute("aria-describedby");
            shown.box.remove();
            shown = null;
        }
    };
    const show = (link, sentence) => {
        if (shown && shown.link === link) {
            return;
        }
        hide();
        const box = document.createElement("div");
        box.className = "term-says";
        box.id = `term-says-${(count += 1)}`;
        box.setAttribute("role", "tooltip");
        box.textContent = sentence;
        document.body.append(box);
        const place = link.getBoundingClientRect();
        const left = Math.min(place.left, document.documentElement.clientWidth - box.offsetWidth - 16);
        const below = place.bottom + 6;
        const fits = below + box.offsetHeight < window.innerHeight;
        box.style.left = `${Math.max(left, 8) + window.scrollX}px`;
        box.style.top = `${(fits ? below : place.top - box.offsetHeight - 6) + window.scrollY}px`;
        link.setAttribute("aria-describedby", box.id);
        box.addEventListener("mouseleave", hide);
        shown = { link, box };
    };
    const leave = (event) => {
        if (!shown || !shown.box.contains(event.relatedTarget)) {
            hide();
        }
    };
    for (const link of article.querySelectorAll('a[href*="glossary.html#"]')) {
        const sentence = (window.glossary || {})[decodeURIComponent(link.hash.slice(1))];
        if (sentence) {
            link.classList.add("term");
            link.addEventListener("mouseenter", () => show(link, sentence));
            link.addEventListener("focus", () => show(link, sentence));
            link.addEventListener("mouseleave", leave);
            link.addEventListener("blur", hide);
        }
    }
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
            hide();
        }
    });
}

// --- Tables wider than the page: each in a frame that scrolls, and that the Tab key reaches ---------------------
function frames(article) {
    for (const table of article.querySelectorAll("table")) {
        const frame = document.createElement("div");
        frame.className = "table-frame";
        table.replaceWith(frame);
        frame.append(table);
    }
    const reach = () => {
        for (const frame of article.querySelectorAll(".table-frame, .cell_output, pre")) {
            if (frame.scrollWidth > frame.clientWidth + 1) {
                frame.tabIndex = 0;
            } else if (!frame.closest("[contenteditable]")) {
                frame.removeAttribute("tabindex");
            }
        }
    };
    reach();
    window.addEventListener("resize", reach);
    document.addEventListener("toggle", reach, true);
}

const article = document.querySelector(".bd-article");
if (article) {
    if (article.querySelector("div.cell")) {
        tools(article);
    }
    terms(article);
    frames(article);
}
