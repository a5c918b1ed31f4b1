// Validates assets/clusters/job.yaml by the schemas of Kubernetes' API:
// npm ci --prefix tests/cluster && node tests/cluster/job.mjs
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Job } from "kubernetes-models/batch/v1";

const file = new URL("../../assets/clusters/job.yaml", import.meta.url);
const text = readFileSync(file, "utf8");
const job = parse(text);
new Job(job).validate();
// A schema that accepts everything would be no test.
for (const [from, to] of [["completions: 100", "completions: many"], ['value: "100"', "value: 100"]]) {
    const wrong = parse(text.replace(from, to));
    let refused = false;
    try {
        new Job(wrong).validate();
    } catch {
        refused = true;
    }
    if (!refused) throw new Error(`the schema accepts ${to}`);
}
const tasks = job.spec.template.spec.containers[0].env.find((v) => v.name === "JOB_COMPLETIONS");
if (tasks.value !== String(job.spec.completions)) throw new Error("JOB_COMPLETIONS differs");
console.log("job.yaml is valid");
