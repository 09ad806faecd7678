// A board made of MicroPython's wasm port: its own raw REPL on stdin and stdout, its files in a folder, main.py at start.
//
// usage: node wasm_board.mjs MODULE.mjs FOLDER STATUS
//
// Files are written back after every command. The process ends with STATUS when the board resets. Raw-paste mode, which
// this port can't do, is refused as a board without it would.

import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modulePath, folder, status] = process.argv.slice(2);
const NOT_FLASH = new Set(["dev", "home", "machine.py", "proc", "tmp"]);
const RAW_PASTE = [0x05, 0x41, 0x01];
const END_OF_COMMAND = 0x04;
const MACHINE = `
import js

HARD_RESET, WDT_RESET, DEEPSLEEP_RESET = 2, 3, 4

def reset_cause():
    return 1

def reset():
    js.boardReset()

class Pin:
    def __init__(self, id):
        pass

class I2C:
    def __init__(self, id, scl, sda, freq):
        raise OSError(19)
`;

const { loadMicroPython } = await import(pathToFileURL(resolve(modulePath)).href);
const micropython = await loadMicroPython({
  heapsize: 2 ** 21,
  stdout: (bytes) => writeSync(1, bytes),
  stderr: (bytes) => writeSync(1, bytes),
  linebuffer: false,
});
const { FS } = micropython;

function load(from, to) {
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), `${to}/${name}`];
    if (statSync(source).isDirectory()) {
      FS.mkdirTree(target);
      load(source, target);
    } else {
      FS.writeFile(target, readFileSync(source));
    }
  }
}

function save(from, to) {
  mkdirSync(to, { recursive: true });
  const names = FS.readdir(from || "/").filter((name) => ![".", ".."].includes(name) && (from || !NOT_FLASH.has(name)));
  for (const name of readdirSync(to)) if (!names.includes(name)) rmSync(join(to, name), { recursive: true });
  for (const name of names) {
    const [source, target] = [`${from}/${name}`, join(to, name)];
    if (FS.isDir(FS.stat(source).mode)) save(source, target);
    else writeFileSync(target, FS.readFile(source));
  }
}

globalThis.boardReset = () => {
  save("", folder);
  process.exit(Number(status));
};

load(folder, "");
FS.writeFile("/machine.py", MACHINE);
micropython.runPython("import os, sys\nos.chdir('/')\nsys.path[:] = ['', '.frozen', '/lib']\n");
try {
  micropython.runPython(new TextDecoder().decode(FS.readFile("/main.py")));
} catch (error) {
  if (error.name !== "ErrnoError") writeSync(1, String(error.message)); // no main.py, or what it ends with
}
micropython.replInit();

let matched = 0;
process.stdin.on("data", (data) => {
  for (const byte of data) {
    if (byte === RAW_PASTE[matched]) {
      matched += 1;
      if (matched === RAW_PASTE.length) {
        matched = 0;
        writeSync(1, "R\0");
      }
      continue;
    }
    for (const held of RAW_PASTE.slice(0, matched)) micropython.replProcessChar(held);
    matched = 0;
    micropython.replProcessChar(byte);
    if (byte === END_OF_COMMAND) save("", folder);
  }
});
process.stdin.on("end", () => process.exit(0));
