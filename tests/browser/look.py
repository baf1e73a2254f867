"""What every page must stand: a look at it wide and narrow, light and dark, by axe-core and for a screenshot."""
from driver import SHAPES

# Widths of tablets, at which nothing more is asked.
BETWEEN = (768, 1024)


class Looker:
    def __init__(self, checks, folder):
        self.checks, self.folder, self.names = checks, folder, set()

    def __call__(self, browser, name, axe=True, overflow=True, expected=()):
        """`expected`: what the console may say, as the status of a refusal that was asked for."""
        if not browser.javascript:
            return self.quiet(browser, f"{name}, without JavaScript", expected)
        if name in self.names:
            raise ValueError(f"two pages are called {name}")
        self.names.add(name)
        check, driver = self.checks, browser.driver
        check(f"{name}: has a title and a language",
              driver.title and driver.execute_script("return document.documentElement.lang"), driver.title)
        try:
            for width, scheme in SHAPES:
                browser.shape(width, scheme)
                shape = f"{name}, {scheme}, {width} px"
                browser.screenshot(self.folder / f"{name}-{scheme}-{width}.png")
                if axe:
                    found = browser.axe_violations()
                    check(f"{shape}: axe-core finds nothing", not found, "\n         ".join(found))
                if overflow:
                    beyond = browser.overflow()
                    check(f"{shape}: nothing sticks out to the side", beyond <= 0, f"by {beyond} px")
            for width in BETWEEN if overflow else ():
                browser.shape(width, "light")
                beyond = browser.overflow()
                check(f"{name}, {width} px: nothing sticks out to the side", beyond <= 0, f"by {beyond} px")
        finally:
            browser.shape(*SHAPES[0])
        self.quiet(browser, name, expected)

    def quiet(self, browser, name, expected=()):
        found = browser.complaints(expected)
        self.checks(f"{name}: no word in the console, no broken policy, nothing from elsewhere", not found,
                    "\n         ".join(found[:5]))
