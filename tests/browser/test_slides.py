"""Slides of every lesson in Chromium: each is visited, fits 1280 × 720, and asks for nothing from outside."""

import re

import pytest
from slides_of_lessons import make, pick

from helpers.course import LESSONS

TOO_LARGE = """() => {
    const slide = Reveal.getCurrentSlide().querySelector(".slide"), edge = slide.getBoundingClientRect();
    const leaves = (one) => {
        const box = one.getBoundingClientRect(), flows = getComputedStyle(one).display === "inline" || !one.clientWidth;
        return box.right > edge.right - 20 || box.bottom > edge.bottom - 20 || box.left < edge.left
            || box.top < edge.top || (!flows && one.scrollWidth > one.clientWidth + 2);
    };
    const found = [...slide.querySelectorAll("*")].filter(leaves).map((one) => one.outerHTML.slice(0, 80));
    return slide.scrollHeight > 720 || slide.scrollWidth > 1280 ? ["slide", ...found] : found;
}"""
SEEN = """() => {
    const slide = Reveal.getCurrentSlide(), picture = slide.querySelector(".picture img");
    const letters = [...slide.querySelectorAll(".slide *")].filter((one) => one.innerText)
        .map((one) => parseFloat(getComputedStyle(one).fontSize));
    return {
        smallest: Math.min(...letters),
        picture: picture && picture.getBoundingClientRect().height,
        alts: [...slide.querySelectorAll("img")].map((one) => one.alt),
        notes: slide.querySelector("aside.notes").textContent,
    };
}"""


@pytest.mark.parametrize("lesson", LESSONS[1:], ids=lambda lesson: lesson.name)
def test_every_slide_fits_and_needs_no_network(page, tmp_path, lesson):
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(make.make(lesson, tmp_path)[0].as_uri())
    total = page.evaluate("Reveal.getTotalSlides()")
    assert pick.FEWEST <= total <= pick.MOST
    for number in range(total):
        page.evaluate(f"Reveal.slide({number})")
        assert page.evaluate(TOO_LARGE) == [], f"slide {number + 1}"
        seen = page.evaluate(SEEN)
        assert seen["smallest"] >= 20, f"slide {number + 1}"
        assert re.match(r"\d+(\.5)? min", seen["notes"].strip())
        assert all(len(alt) > 40 and "No description" not in alt for alt in seen["alts"])
        assert seen["picture"] is None or seen["picture"] > 350
    text = page.locator(".slides").inner_text()
    assert "solution(" not in text
    assert "Exercise " not in text
    assert {address.partition(":")[0] for address in page.requested} <= {"file", "data"}


def test_a_pdf_has_a_page_for_each_slide(browser, tmp_path):
    slides, pdf = make.make(LESSONS[7], tmp_path, pdf=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == slides.read_text(encoding="utf-8").count(
        "<section>"
    )
