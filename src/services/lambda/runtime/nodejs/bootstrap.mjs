// The inside of a Lambda function's execution environment, for Node.js: the same protocol as
// tarn_lambda/__main__.py has. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
import { existsSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const TASK_ROOT = process.env.LAMBDA_TASK_ROOT;

// The pipe of answers is fd 1: what the function prints goes to fd 2, its log.
const print = (...values) => writeSync(2, `${format(...values)}\n`);
for (const name of ["log", "info", "debug", "warn", "error", "trace"]) console[name] = print;
process.stdout.write = (text, ...rest) => process.stderr.write(text, ...rest);

function tell(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += writeSync(1, bytes, sent);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

function said(error, requestId) {
  const known = error instanceof Error;
  const out = {
    errorType: known ? error.name : typeof error,
    errorMessage: known ? error.message : String(error),
  };
  if (requestId) out.requestId = requestId;
  out.trace = known && error.stack ? error.stack.split("\n") : [];
  return out;
}

class HandlerError extends Error {
  constructor(kind, message) {
    super(message);
    this.name = kind;
  }
}

async function importModule(path) {
  for (const ending of [".js", ".mjs", ".cjs"]) {
    const file = path + ending;
    if (!existsSync(file)) continue;
    if (ending !== ".js") return import(pathToFileURL(file).href);
    try {
      return createRequire(file)(file);
    } catch (error) {
      if (error.code !== "ERR_REQUIRE_ESM" && !(error instanceof SyntaxError)) throw error;
      return import(pathToFileURL(file).href);
    }
  }
  throw new HandlerError("Runtime.ImportModuleError", `Error: Cannot find module '${path}'`);
}

async function load(handler) {
  const dot = handler.lastIndexOf(".");
  if (dot < 1) throw new HandlerError("Runtime.MalformedHandlerName", "Bad handler");
  const module = await importModule(join(TASK_ROOT, handler.slice(0, dot)));
  const name = handler.slice(dot + 1);
  const found = module[name] ?? module.default?.[name];
  if (typeof found !== "function") {
    throw new HandlerError("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  }
  return found;
}

function contextOf(call, settle) {
  const environment = process.env;
  return {
    awsRequestId: call.id,
    invokedFunctionArn: call.arn,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: call.client_context ? JSON.parse(call.client_context) : undefined,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, call.deadline_ms - Date.now()),
    done: (error, result) => settle(error, result),
    succeed: (result) => settle(null, result),
    fail: (error) => settle(error ?? new Error("handled")),
  };
}

function run(handler, call) {
  return new Promise((resolve, reject) => {
    const settle = (error, result) => (error ? reject(error) : resolve(result));
    const given = handler(call.event ? JSON.parse(call.event) : {}, contextOf(call, settle), settle);
    if (typeof given?.then === "function") given.then(resolve, reject);
    else if (handler.length < 2) resolve(given);
  });
}

async function answer(handler, call) {
  try {
    return { id: call.id, result: JSON.stringify((await run(handler, call)) ?? null) };
  } catch (error) {
    const problem = said(error, call.id);
    print("ERROR", "Invoke Error", JSON.stringify(problem));
    return { id: call.id, error: problem };
  }
}

let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  const problem = said(error);
  print("ERROR", "Uncaught Exception", JSON.stringify(problem));
  tell({ failed: problem });
  process.exit(1);
}
tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  tell(await answer(handler, JSON.parse(line)));
}
process.exit(0);
