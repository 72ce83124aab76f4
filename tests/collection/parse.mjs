// A collection on stdin, its requests on stdout as Postman's own parser reads them.
import { readFileSync } from "node:fs";
import postman from "postman-collection";

const told = [];
new postman.Collection(JSON.parse(readFileSync(0, "utf-8"))).forEachItem((item) => {
  const { method, url } = item.request;
  told.push({ name: item.name, method, url: url.toString(), auth: item.getAuth()?.type });
});
process.stdout.write(JSON.stringify(told));
