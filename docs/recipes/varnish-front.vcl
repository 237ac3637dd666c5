# Varnish in front of Ticker: it answers readers itself, from what Ticker said last; Varnish 6.0 or later.
#
# Change Ticker's address and whom you call inside. To put figures into your own pages, take varnish-esi.vcl.
# docs/scale.md says why.
vcl 4.1;

import std;

backend ticker {
    .host = "127.0.0.1";
    .port = "8000";
    .connect_timeout = 1s;
    .first_byte_timeout = 3s;
    .between_bytes_timeout = 3s;
    # A Ticker that is away is asked no more, so that no reader waits for it, until it answers this again.
    .probe = { .url = "/livez"; .interval = 3s; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; }
}

acl inside {
    "127.0.0.1"/32;
    "::1";
    "10.0.0.0"/8;
    "172.16.0.0"/12;
    "192.168.0.0"/16;
    "fc00::"/7;
}

sub vcl_recv {
    # What addresses of ours are made of. Ticker reads `//metrics`, `/%6detrics` and `/metrics#` as `/metrics`, and the rules
    # below see them as they were written, so whatever could be another spelling goes no further.
    if (req.url !~ "^(/[A-Za-z0-9._-]+)*/?(\?[^#]*)?$") {
        return (synth(404));
    }
    set req.backend_hint = ticker;

    # A new figure at once: `curl -X BAN` throws away all that is kept for minutes. Of what is kept for a year, nothing.
    # Not while Ticker is away: what stands in for it would be gone too, and every widget a 503.
    if (req.method == "BAN") {
        if (client.ip !~ inside) {
            return (synth(403));
        }
        ban("obj.http.Cache-Control ~ s-maxage");
        return (synth(200, "Banned"));
    }
    # How Ticker itself stands: for your own monitoring and your own house.
    if (req.url ~ "^[^?]*/(metrics|status|livez|readyz|v1/sources)(\?|$)") {
        if (client.ip !~ inside) {
            return (synth(403));
        }
        return (pass);
    }
    # Nothing of your reader goes to Ticker: no cookie, no address, no browser.
    unset req.http.Cookie;
    unset req.http.Authorization;
    unset req.http.Referer;
    unset req.http.User-Agent;
    unset req.http.X-Forwarded-For;
    set req.http.Host = "ticker";

    # The builder's answers are for one reader; and what browsers ask before another site's page may ask.
    if (req.url ~ "^/builder(\?|$)" || (req.method != "GET" && req.method != "HEAD")) {
        return (pass);
    }
    # The parameters that Ticker knows, put in order: what else stands in an address makes no new copy.
    if (req.url ~ "^/(static/|[a-z]+\.(js|css)\?)") {
        set req.url = regsub(req.url, "\?.*", "");
    } else if (req.url ~ "^/(w|embed|img|mail)/[^?]*\?") {
        if (req.url ~ "^/(w|embed)/") {
            set req.url = regsuball(req.url, "(?<=[?&])(?!(?:i|lang|theme|up|range|spark|link|style)=)[^&]*", "");
        } else {
            set req.url = regsuball(req.url, "(?<=[?&])(?!(?:i|lang|theme|up|range|size|scale|on|show|view)=)[^&]*", "");
        }
        set req.url = regsub(regsub(regsuball(req.url, "&+", "&"), "\?&", "?"), "[?&]$", "");
        if (req.url !~ "[?&]([a-z]+=).*&\1") {  # of a name given twice the first counts, so those stay in their order
            set req.url = std.querysort(req.url);
        }
    }
    # Varnish knows gzip by itself, and brotli not at all: Ticker's is kept as another copy, and passed on.
    if (req.restarts == 0) {
        unset req.http.X-Coding;
    }
    if (req.http.Accept-Encoding ~ "(?i)(?:^|,)\s*br\s*(?:$|,|;(?!\s*q=0(?:\.0*)?\s*(?:$|,)))") {
        set req.http.X-Coding = "br";
    }
    # Old figures while newer ones are fetched: ten minutes, as Ticker says in stale-while-revalidate. After a failure
    # (see vcl_deliver): however old.
    if (req.restarts == 0) {
        set req.grace = 10m;
    } else {
        set req.grace = 52w;
    }
    return (hash);
}

sub vcl_hash {
    hash_data(req.url);
    hash_data(req.http.X-Coding);
    return (lookup);
}

sub vcl_backend_fetch {
    if (bereq.http.X-Coding) {
        set bereq.http.Accept-Encoding = bereq.http.X-Coding;
    }
    unset bereq.http.X-Coding;
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    # A failure, or an answer that is not Ticker's own, such as the page of a firewall: what is kept stays as it is.
    if (beresp.status == 403 || beresp.status == 429 || beresp.status >= 500
        || beresp.http.X-Content-Type-Options != "nosniff") {
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        return (error(503));
    }
    if (beresp.http.Cache-Control ~ "no-store") {  # Ticker's own word on a wrong address
        set beresp.uncacheable = true;
        set beresp.ttl = 2s;
        return (deliver);
    }
    # Varnish takes the time to live from s-maxage by itself; stale-if-error it does not read.
    set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, ".*stale-if-error=(\d+).*", "\1s"), 7d);
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.is_bgfetch) {
        return (abandon);
    }
}

sub vcl_deliver {
    if (resp.status == 503 && req.restarts == 0 && req.method != "OPTIONS") {
        return (restart);  # once more, with the last figures, however old
    }
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}
