// Runs a script under MicroPython's wasm port, as `micropython SCRIPT ARG...` would natively.
//
// usage: node run_wasm.mjs [--heap-kib N] [--path DIR]... [--copy FILE_OR_DIR]... MODULE.mjs SCRIPT [ARG...]
//
// Each --path is copied into the in-memory file system under its own absolute path and put on sys.path; each --copy is only
// copied. The script's directory comes first on sys.path, as it does natively. stdin is empty, stdout and stderr pass
// through, and the exit code is the script's.

import { readFileSync, readdirSync, statSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const BOOTSTRAP = `
def _run_script(path, argv, search):
    import json, sys
    sys.argv[:] = json.loads(argv)
    sys.path[:] = json.loads(search)
    try:
        with open(path) as file:
            code = compile(file.read(), path, "exec")
        exec(code, {"__name__": "__main__", "__file__": path})
    except SystemExit as stop:
        status = stop.args[0] if stop.args else None
        if isinstance(status, str):
            print(status, file=sys.stderr)
            return 1
        return int(status or 0)
    except BaseException as error:
        sys.print_exception(error, sys.stderr)
        return 1
    return 0
`;

const firstPositional = (args) => {
  let index = 0;
  while (args[index]?.startsWith("--")) index += 2;
  return index;
};

// Emscripten's paths have neither a drive nor backslashes.
const virtual = (path) => resolve(path).replace(/^[A-Za-z]:/, "").replaceAll("\\", "/");

function copyIn(FS, path) {
  if (statSync(path).isDirectory()) {
    FS.mkdirTree(virtual(path));
    for (const name of readdirSync(path)) {
      if (name !== "__pycache__" && name !== "node_modules" && !name.startsWith(".")) copyIn(FS, join(path, name));
    }
  } else {
    FS.mkdirTree(virtual(dirname(path)));
    FS.writeFile(virtual(path), readFileSync(path));
  }
}

const fail = (error) => {
  // Node would print the minified module's one line of 100 kB instead.
  writeSync(2, `run_wasm: ${String(error?.stack ?? error?.message ?? error).slice(0, 2000)}\n`);
  process.exit(1);
};
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

const args = process.argv.slice(2);
const split = firstPositional(args);
const { values: options } = parseArgs({
  args: args.slice(0, split),
  options: {
    "heap-kib": { type: "string", default: "2048" },
    path: { type: "string", multiple: true, default: [] },
    copy: { type: "string", multiple: true, default: [] },
  },
});
const [modulePath, script, ...scriptArgs] = args.slice(split);

const { loadMicroPython } = await import(pathToFileURL(resolve(modulePath)).href);
const micropython = await loadMicroPython({
  heapsize: Number(options["heap-kib"]) * 1024,
  stdin: () => null,
  stdout: (bytes) => writeSync(1, bytes),
  stderr: (bytes) => writeSync(2, bytes),
  linebuffer: false,
});
for (const path of [...options.path, ...options.copy, script]) copyIn(micropython.FS, path);

micropython.runPython(BOOTSTRAP);
const search = [dirname(script), ...options.path].map(virtual);
process.exitCode = micropython.globals.get("_run_script")(
  virtual(script),
  JSON.stringify([script, ...scriptArgs]), // an array would arrive as a proxy, not as a list
  JSON.stringify([...search, ".frozen"]),
);
