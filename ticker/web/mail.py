"""`/mail/<widget>`: a widget as HTML for e-mail, to look at, to fetch, or to copy."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template

from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.render.mail import SIZES, mail
from ticker.render.studio import Shot, Studio
from ticker.web.headers import for_mail
from ticker.web.live import Live
from ticker.web.shots import kept, one_of, shot_asked

SHOWS = ("both", "text", "picture")
VIEWS = ("mail", "code")


def mails(live: Live, studio: Studio, lines: Lines, public_url: str) -> Blueprint:
    """The blueprint. All addresses in messages start with `public_url`; `lines` gives whole lines."""
    blueprint = Blueprint("mail", __name__)

    @blueprint.get("/mail/<widget>")
    def message(widget: str) -> Response:
        snapshot = live.snapshot()
        asked = shot_asked(widget, snapshot, lines, live.clock(), SIZES)
        show, view = one_of("show", SHOWS, "both"), one_of("view", VIEWS, "mail")
        shot = _fixed(asked, snapshot)
        scene = studio.scene(snapshot, shot)
        written = render_template(
            f"mail/{'code' if view == 'code' else 'page'}.html",
            m=mail(shot, scene, studio.drawn(scene, shot), public_url),
            picture=_picture(shot, public_url) if show != "text" else "",
            text=show != "picture",
        )
        kind = "text/plain" if view == "code" else "text/html"
        answer = make_response(written, 200, {"Content-Type": f"{kind}; charset=utf-8"})
        return kept(for_mail(answer, public_url), asked, live.clock())

    return blueprint


def _fixed(shot: Shot, snapshot: Snapshot) -> Shot:
    """The shot, fixed to its newest figure's day: it is read later, and its picture must still be of its figures."""
    newest = (snapshot.by_key[key].latest for key in shot.variant.instruments)
    return replace(shot, day=shot.day or max((o.day for o in newest if o), default=None))


def _picture(shot: Shot, public_url: str) -> str:
    """The address of the picture, twice as fine as it is wide, for dense screens."""
    said = {"size": str(shot.size)} if shot.size != 600 else {}
    said |= {"on": shot.day.isoformat()} if shot.day else {}
    return f"{public_url}/img/{shot.variant.widget}.png?{shot.variant.query()}&{urlencode({**said, 'scale': '2'})}"
