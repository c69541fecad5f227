"""What a browser is called: short words for the long text by which it introduces itself."""

# Each introduces itself as those after it too, so the first that fits is meant.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def agent_name(text: str | None) -> str:
    """Return what a `User-Agent` header says in short, such as “Firefox on Windows”."""
    text = text or ""
    browser = next((name for sign, name in _BROWSERS if sign in text), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in text), None)
    return f"{browser} on {system}" if system else browser
