# Fastly: the figures in your pages by edge-side includes. NOT RUN by our tests, which cannot run Fastly: it is written
# from its documentation. Add Ticker as a backend of the name `ticker` (F_ticker), and put each part into a VCL snippet
# of its subroutine. Fastly reads s-maxage, stale-while-revalidate and stale-if-error from Cache-Control by itself.

# recv
if (req.url ~ "^/w/") {
  if (!req.is_esi_subreq) {
    error 600;
  }
  set req.backend = F_ticker;
  unset req.http.Cookie;
  unset req.http.Accept-Encoding;
}

# fetch
if (req.url ~ "^/w/") {
  if (beresp.status != 200 || beresp.http.X-Robots-Tag != "noindex") {
    if (stale.exists) {
      return(deliver_stale);
    }
    error 601;
  }
} else if (beresp.http.Content-Type ~ "^text/html") {
  esi;
}

# error
if (obj.status == 600) {
  set obj.status = 404;
  synthetic "";
  return(deliver);
}
if (req.is_esi_subreq && req.url ~ "^/w/") {
  if (stale.exists) {
    return(deliver_stale);
  }
  set obj.status = 200;
  set obj.http.Content-Type = "text/html; charset=utf-8";
  synthetic {"<p>The markets are <a href="/markets">on their own page</a>.</p>"};
  return(deliver);
}
