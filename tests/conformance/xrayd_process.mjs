// Starts the real xrayd for a test: free ports, a data directory of its own, stopped by its pid.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const START_TIMEOUT_MS = 20_000;

/**
 * A running xrayd: {url, udp: "127.0.0.1:port", stop()}. The program is named by XRAYD_BIN; `options`
 * are further ones of its command line.
 */
export function startXrayd(options = []) {
  return start(["--backend", "local", ...options], {});
}

/** One that forwards to the X-Ray API at `url`, signing with made-up keys. */
export function startForwardingXrayd(url) {
  return start(["--backend", "aws", "--region", "us-east-1", "--endpoint", url, "--local-mode"], {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-real-secret",
  });
}

async function start(backend, variables) {
  const dataDir = await mkdtemp(join(tmpdir(), "xrayd-test-"));
  const args = [...backend, "--data-dir", dataDir];
  args.push("--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0");
  const child = spawn(process.env.XRAYD_BIN, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...variables },
  });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    const [status] = await ended;
    await rm(dataDir, { recursive: true, force: true });
    return status;
  };

  const lines = [];
  const addresses = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("xrayd is too slow")), START_TIMEOUT_MS);
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      const match = /receiving on udp ([^\s,]+), tcp ([^\s,]+)/.exec(line);
      if (!match) return;
      clearTimeout(timer);
      resolve({ udp: match[1], url: `http://${match[2]}` });
    });
    ended.then(() => {
      clearTimeout(timer);
      reject(new Error(`xrayd did not start:\n${lines.join("\n")}`));
    });
  });
  try {
    return { ...(await addresses), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Calls until the answer is true-like; that. Fails after ten seconds. */
export async function eventually(call) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await call();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error("it did not happen within ten seconds");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
