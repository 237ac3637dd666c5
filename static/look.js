// A frame on a host of files is one file for every look: it puts on what its address asks for.
{
  const said = new URLSearchParams(location.search), widget = document.querySelector(".tkr");
  for (const name of ["theme", "up"]) if (said.has(name)) widget.dataset[name] = said.get(name);
  if (/^(light|dark)$/.test(said.get("theme"))) document.querySelector("meta[name=color-scheme]").content = said.get("theme");
}
