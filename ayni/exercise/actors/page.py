"""A person's browser without script: pages are read, forms are filled and sent."""

from collections.abc import Mapping

import mechanicalsoup  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag


class PageNotAsPromised(AssertionError):
    """A page lacks what its system promises to show. Names the address, never the page's content."""

    def __init__(self, url: str, expected: str, found: str = "") -> None:
        super().__init__(f"{url}: expected {expected}" + (f", found {found}" if found else ""))


class Browser:
    """One person's window: cookies, current page, forms by their id."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._browser = mechanicalsoup.StatefulBrowser()
        self._status = 0

    def go(self, path: str) -> None:
        """Opens a page of this system."""
        self._status = self._browser.open(self.url + path).status_code

    def follow(self, link: str) -> None:
        """Opens the page of this system that a link of the current page leads to."""
        self.go(self.attribute(link, "href"))

    @property
    def status(self) -> int:
        """The HTTP status of the current page."""
        return self._status

    def has(self, selector: str) -> bool:
        """Whether the page has such an element."""
        return self._page.select_one(selector) is not None

    def element(self, selector: str) -> Tag:
        """The element; raises PageNotAsPromised when the page does not have it."""
        found = self._page.select_one(selector)
        if found is None:
            raise PageNotAsPromised(self._browser.url, selector, f"a page with status {self._status}")
        return found

    def attributes(self, selector: str, name: str) -> list[str]:
        """An attribute of every element that matches, in the page's order."""
        return [str(element[name]) for element in self._page.select(selector)]

    def attribute(self, selector: str, name: str) -> str:
        """An attribute of one element."""
        return str(self.element(selector)[name])

    def submit(self, form: str, fields: Mapping[str, str] | None = None) -> None:
        """Fills a form and sends it; the answer becomes the current page."""
        self.element(form)
        filled = self._browser.select_form(form)
        for name, value in (fields or {}).items():
            if not self.has(f"{form} [name={name}]"):
                raise PageNotAsPromised(self._browser.url, f"field {name} in {form}")
            filled[name] = value
        self._status = self._browser.submit_selected().status_code

    def press(self, button: str) -> None:
        """Presses a button of a form and sends it; the answer becomes the current page."""
        found = self.element(button)
        self._browser.select_form(found.find_parent("form"))
        self._status = self._browser.submit_selected(btnName=found).status_code

    def options(self, select: str) -> list[str]:
        """The values a list offers, without the empty one."""
        return [value for value in self.attributes(f"{select} option[value]", "value") if value]

    @property
    def _page(self) -> BeautifulSoup:
        page: BeautifulSoup | None = self._browser.page
        if page is None:
            raise PageNotAsPromised(self._browser.url, "a page", f"status {self._status} without HTML")
        return page
