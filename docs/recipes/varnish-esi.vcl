# Varnish: the figures in your pages by edge-side includes; Varnish 6.0 or later.
#
# Change the addresses of the two backends, and the editor's words in vcl_synth; or move the parts into the VCL that you
# have. docs/server-side.md says why.
vcl 4.1;

import std;

backend default {
    .host = "127.0.0.1";
    .port = "8080";
}

backend ticker {
    .host = "127.0.0.1";
    .port = "8000";
    .connect_timeout = 1s;
    .first_byte_timeout = 3s;
    .between_bytes_timeout = 3s;
    # A Ticker that is away is asked no more, so that no reader waits for it, until it answers this again.
    .probe = { .url = "/livez"; .interval = 3s; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; }
}

sub vcl_recv {
    if (req.url ~ "^/w/") {
        if (req.esi_level == 0) {
            return (synth(404));  # for includes alone: no visitor can fill the cache
        }
        set req.backend_hint = ticker;
        # No cookie, address or browser of your reader goes to Ticker, and no cookie keeps the answer out of the cache.
        unset req.http.Cookie;
        unset req.http.Authorization;
        unset req.http.Referer;
        unset req.http.User-Agent;
        unset req.http.X-Forwarded-For;
        set req.http.Host = "ticker";
        # Old figures while newer ones are fetched: ten minutes, as Ticker says in stale-while-revalidate. After a
        # failure (see vcl_deliver): however old.
        if (req.restarts == 0) {
            set req.grace = 10m;
        } else {
            set req.grace = 52w;
        }
        return (hash);
    }
}

sub vcl_backend_response {
    if (bereq.url ~ "^/w/") {
        # What is not Ticker's own answer, such as the page of a firewall, is a failure, whatever its status.
        if (beresp.status != 200 || beresp.http.X-Robots-Tag != "noindex") {
            if (bereq.is_bgfetch) {
                return (abandon);
            }
            return (error(503));
        }
        # Varnish takes the time to live from s-maxage by itself; stale-if-error it does not read.
        set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, ".*stale-if-error=(\d+).*", "\1s"), 7d);
        return (deliver);
    }
    if (beresp.http.Content-Type ~ "^text/html") {
        set beresp.do_esi = true;
    }
}

sub vcl_backend_error {
    if (bereq.url ~ "^/w/" && bereq.is_bgfetch) {
        return (abandon);  # what is kept stays as it is
    }
}

sub vcl_deliver {
    if (req.url ~ "^/w/" && resp.status != 200) {
        if (req.restarts == 0) {
            return (restart);  # once more, with the last figures, however old
        }
        return (synth(700));
    }
}

sub vcl_synth {
    if (resp.status == 700) {
        set resp.status = 200;
        set resp.http.Content-Type = "text/html; charset=utf-8";
        synthetic({"<p>The markets are <a href="/markets">on their own page</a>.</p>"});
        return (deliver);
    }
}
