"""The browser itself: it draws a page, and what a page asks for is seen."""


def test_a_page_is_drawn_and_what_it_asks_for_is_listed(page, tmp_path):
    (tmp_path / "note.html").write_text('<h1>Ten mice</h1><img src="mouse.png">')
    page.goto((tmp_path / "note.html").as_uri())
    assert page.locator("h1").inner_text() == "Ten mice"
    assert [address.rsplit("/", 1)[1] for address in page.requested] == ["note.html", "mouse.png"]
