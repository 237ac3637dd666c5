// The name of the file for an address of ours, where we were published to a host of files: it knows no query, so what is
// asked for stands in the name. As in ticker/render/files.py.
(address) => {
  const { origin, pathname, searchParams } = new URL(address, location.href);
  const path = pathname.replace(/\/(index\.html)?$/, ""), json = path.endsWith(".json"), page = /\/i\/[^/]*$/.test(path);
  const heeded = page ? ["lang"] : ["i", "lang", "range", "spark", "link", "style"].slice(0, json ? 3 : path.includes("/embed/") ? 5 : 6);
  const said = heeded.map((name) => `${name}=${encodeURIComponent(searchParams.get(name)?.replace(/\s/g, "") || "")}`);
  const told = said.filter((pair) => !/=$|^(lang=en|range=1y|spark=1|link=0|style=1)$/.test(pair)).map((pair) => `_${pair}`).join("");
  return origin + path.replace(".json", "") + told.replaceAll("%2C", ",") + (json ? ".json" : ".html");
}
