// A page of ours that was asked for with a query, on a host of files: go to the file whose name says the same.
location.replace(fileOf(location.href) + location.search + location.hash);
