"""Snippets of what is taken elsewhere: a message, a picture, a feed, data."""

from __future__ import annotations

from urllib.parse import urlencode

from ticker.render.choice import Choice
from ticker.render.snippet_parts import Host, Snippet, Words, path, tag


def mail(choice: Choice, host: Host, words: Words) -> Snippet:
    """The address of HTML that is made to be copied into a message."""
    address = path(choice, "mail")
    return Snippet(host.url + address, carried=(address,), opens=address)


def picture(choice: Choice, host: Host, words: Words) -> Snippet:
    """An image for each picture of the widget, which leads to a page with the figures."""
    images = []
    for drawn in words.pictures:
        address = host.url + drawn.path
        size = {"width": str(drawn.width), "height": str(drawn.height)}
        image = tag("img", src=address, srcset=f"{address}&scale=2 2x", **size, alt=drawn.title)
        images.append(tag("a", image, href=drawn.page))
    loaded = tuple(drawn.path for drawn in words.pictures)
    return Snippet("\n".join(images), (("", f"img-src {host.origin}"),), loaded=loaded, opens=loaded[0])


def feed(choice: Choice, host: Host, words: Words) -> Snippet:
    """A link for the head of a page for each instrument's feed."""
    lang = f"?lang={choice.variant.lang}" if choice.variant.lang != "en" else ""
    paths = {key: f"/feeds/{key}.atom{lang}" for key in choice.variant.instruments}
    kind = {"rel": "alternate", "type": "application/atom+xml"}
    links = [tag("link", **kind, title=words.names[key], href=host.url + at) for key, at in paths.items()]
    return Snippet("\n".join(links), opens=next(iter(paths.values())))


def json(choice: Choice, host: Host, words: Words) -> Snippet:
    """Addresses of the same figures as data: quotes, or a chart's history."""
    if choice.variant.widget == "chart":
        span = urlencode({"range": choice.variant.range})
        paths = tuple(f"/v1/history/{key}?{span}" for key in choice.variant.instruments)
    else:
        paths = (f"/v1/quotes?i={','.join(choice.items)}",)
    policy = (("where a page of yours fetches it", f"connect-src {host.origin}"),)
    return Snippet("\n".join(host.url + at for at in paths), policy, loaded=paths, opens=paths[0])
