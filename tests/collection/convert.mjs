// An OpenAPI document on stdin, a Postman collection (v2.1) on stdout, by Postman's own converter.
import { readFileSync } from "node:fs";
import Converter from "openapi-to-postmanv2";

const options = {
  folderStrategy: "Tags",
  parametersResolution: "Example",
  enableOptionalParameters: false,
  includeAuthInfoInExample: false,
};
const input = { type: "json", data: JSON.parse(readFileSync(0, "utf-8")) };
Converter.convertV2(input, options, (fault, result) => {
  if (fault || !result.result) {
    throw fault ?? new Error(result.reason);
  }
  process.stdout.write(JSON.stringify(result.output[0].data));
});
