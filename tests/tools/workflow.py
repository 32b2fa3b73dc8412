"""Runs an example workflow as its build service would, as far as that goes without the service: what a step or script line says is run
by the shell that the service uses, in a fresh checkout; caches and artifacts are folders; what is not shell (actions) is played.

    workflow.py github FILE EVENT HOME      EVENT: a JSON file with "event", "env" and "context"
    workflow.py gitlab FILE EVENT HOME      HOME: holds origin (a repository), gets cache, artifacts, work, log

Exits as the job would; a mistake in the workflow itself is a sentence and exit 99. Nothing here knows what the workflow is about.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import yaml


def wrong(sentence):
    print(f"workflow: {sentence}", file=sys.stderr)
    sys.exit(99)


def copy(names, source, target):
    """Copies those of the names that are there."""
    found = []
    for name in names:
        path = source / name.rstrip("/")
        if path.is_dir():
            shutil.copytree(path, target / name.rstrip("/"), dirs_exist_ok=True)
        elif path.exists():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target / name)
        else:
            continue
        found.append(name)
    return found


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


class Job:
    def __init__(self, event, home):
        self.event = json.loads(pathlib.Path(event).read_text())
        self.home = pathlib.Path(home).resolve()
        self.work = self.home / "work"
        self.log = open(self.home / "log", "w")
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.rmtree(self.home / "artifacts", ignore_errors=True)

    def check_out(self):
        subprocess.run(["git", "clone", "-q", str(self.home / "origin"), str(self.work)], check=True)
        subprocess.run(["git", "-C", str(self.work), "checkout", "-q", "--detach", self.event["commit"]], check=True)

    def shell(self, script, options, env):
        path = self.home / "script.sh"
        path.write_text(script)
        self.log.flush()
        return subprocess.run(["bash", *options, str(path)], cwd=self.work, env=os.environ | env, stdin=subprocess.DEVNULL,
                              stdout=self.log, stderr=subprocess.STDOUT).returncode


class GitHub(Job):
    """https://docs.github.com/actions: `run` without a shell is `bash -e FILE`; a step without `if` runs while none failed."""

    known = {"actions/checkout@v4", "actions/cache/restore@v4", "actions/cache/save@v4", "actions/upload-artifact@v4"}

    def __init__(self, *words):
        super().__init__(*words)
        self.failed = 0

    def value(self, expression):
        context = self.event["context"] | {"github.event_name": self.event["event"]}
        if expression not in context:
            wrong(f"nothing is known of {expression}")
        return context[expression]

    def filled(self, text):
        return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: self.value(found[1]), str(text))

    def holds(self, condition):
        text = re.fullmatch(r"\$\{\{ *(.*?) *\}\}", condition)[1].replace("always()", "True")
        text = re.sub(r"github(\.\w+)+", lambda found: repr(self.value(found[0])), text)
        return eval(text.replace("&&", " and ").replace("||", " or "))

    def play(self, uses, options):
        """An action; its inputs are in `options`."""
        if uses not in self.known:
            wrong(f"{uses} is not known here")
        paths = lines(options.get("path", ""))
        cache = self.home / "cache"
        if uses.startswith("actions/checkout@"):
            if options.get("fetch-depth") != 0:
                wrong("a shallow checkout knows no history")
            self.check_out()
        elif uses.startswith("actions/cache/restore@"):
            prefixes = [self.filled(options["key"])] + [self.filled(line) for line in lines(options["restore-keys"])]
            for prefix in prefixes:
                # The newest whose key begins so.
                entries = sorted(cache.glob(prefix.rstrip() + "*"), key=lambda entry: entry.stat().st_mtime_ns)
                if entries:
                    copy(paths, entries[-1], self.work)
                    break
        elif uses.startswith("actions/cache/save@"):
            entry = cache / self.filled(options["key"])
            if entry.exists():
                wrong(f"the cache {entry.name} is there already, and caches do not change")
            if not copy(paths, self.work, entry):
                wrong("there was nothing to keep")
        else:
            found = copy(paths, self.work, self.home / "artifacts")
            print("uploaded:", *found, file=self.log)

    def run(self, document):
        if True not in document or not document.get("permissions") or not document.get("concurrency"):
            wrong("on, permissions and concurrency are needed")  # YAML 1.1 reads the key `on` as true
        if self.event["event"] not in document[True]:
            wrong(f"it does not start on {self.event['event']}")
        (job,) = document["jobs"].values()
        summary = self.home / "step_summary"
        summary.write_text("")
        env = {"GITHUB_EVENT_NAME": self.event["event"], "GITHUB_STEP_SUMMARY": str(summary), **self.event["env"],
               **{name: self.filled(value) for name, value in {**document.get("env", {}), **job.get("env", {})}.items()}}
        for step in job["steps"]:
            unknown = set(step) - {"name", "id", "if", "uses", "with", "env", "run", "shell"}
            if unknown or ("uses" in step) == ("run" in step):
                wrong(f"the step {step.get('name')} has {unknown or 'uses and run'}")
            if not self.holds(step["if"]) if "if" in step else self.failed:
                continue
            if "uses" in step:
                self.play(step["uses"], step.get("with", {}))
                continue
            if "${{" in step["run"]:
                wrong("an expression inside of a script is how foreign text gets into a shell")
            code = self.shell(step["run"], ["-e"], env | {name: self.filled(value) for name, value in step.get("env", {}).items()})
            self.failed = self.failed or code
        return self.failed


class GitLab(Job):
    """https://docs.gitlab.com/ci/yaml: before_script and script are one script that ends at its first failure, after_script another."""

    def run(self, document):
        (job,) = (value for name, value in document.items() if isinstance(value, dict) and "script" in value)
        unknown = set(job) - {"image", "tags", "rules", "timeout", "resource_group", "interruptible", "variables", "cache", "before_script",
                              "script", "after_script", "artifacts"}
        if unknown:
            wrong(f"the job has {unknown}")
        if not any(f'"{self.event["event"]}"' in rule["if"] for rule in job["rules"]):
            wrong(f"it does not start on {self.event['event']}")
        cache, artifacts = job["cache"], job["artifacts"]
        if cache["when"] != "always" or artifacts["when"] != "always" or "junit" not in artifacts["reports"]:
            wrong("a red night would leave nothing")
        env = {"CI_PIPELINE_SOURCE": self.event["event"], **self.event["env"], **{k: str(v) for k, v in job["variables"].items()}}
        self.check_out()
        copy(cache["paths"], self.home / "cache" / cache["key"], self.work)
        code = self.shell("\n".join(job["before_script"] + job["script"]), ["-e", "-o", "pipefail"], env)
        self.shell("\n".join(job["after_script"]), ["-e", "-o", "pipefail"], env)
        copy(cache["paths"], self.work, self.home / "cache" / cache["key"])
        found = copy(artifacts["paths"] + [artifacts["reports"]["junit"]], self.work, self.home / "artifacts")
        print("uploaded:", *found, file=self.log)
        return code


if __name__ == "__main__":
    service, file, event, home = sys.argv[1:]
    with open(file) as stream:
        text = yaml.safe_load(stream)
    sys.exit({"github": GitHub, "gitlab": GitLab}[service](event, home).run(text))
