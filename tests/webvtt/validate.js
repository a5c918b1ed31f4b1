// Validates WebVTT files: node validate.js FILE…
//
// Prints each error, with its line; ends with 1 if there is one, or no cue. parser.js is
// the W3C's parser and validator, the package webvtt-parser 2.2.0 of npm, byte for byte
// (SHA-256 35a112e585b7cb1b4fd30350b0e8c8f6d1efa2670a6008c4a6038e07c9f8d727). It is here
// since npm itself is 400 packages of Debian.
const { readFileSync } = require("fs");
const { WebVTTParser } = require("./parser.js");

for (const path of process.argv.slice(2)) {
  const { cues, errors } = new WebVTTParser().parse(readFileSync(path, "utf8"), "subtitles");
  for (const { line, col, message } of errors) console.log(`${path}:${line}:${col ?? 1}: ${message}`);
  if (cues.length === 0) console.log(`${path}: no cue`);
  if (errors.length > 0 || cues.length === 0) process.exitCode = 1;
}
