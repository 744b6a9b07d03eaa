// Believable traces of a small shop, made for this moment.
import { randomBytes } from "node:crypto";

const hex = (bytes) => randomBytes(bytes).toString("hex");

export function newTraceId(start) {
  return `1-${Math.floor(start).toString(16).padStart(8, "0")}-${hex(12)}`;
}

export async function putTrace(url, documents) {
  const response = await fetch(`${url}/TraceSegments`, {
    method: "POST",
    body: JSON.stringify({ TraceSegmentDocuments: documents.map((one) => JSON.stringify(one)) }),
  });
  const answer = await response.json();
  if (!response.ok || answer.UnprocessedTraceSegments?.length > 0) {
    throw new Error(`xrayd refused the segments: ${JSON.stringify(answer)}`);
  }
}

/** A request that storefront answers, with or without the flags of a failure. */
export function simpleRequest(start, { path, method = "GET", status, seconds }) {
  return {
    name: "storefront",
    id: hex(8),
    trace_id: newTraceId(start),
    start_time: start,
    end_time: start + seconds,
    http: { request: { method, url: `http://shop.example${path}` }, response: { status } },
    ...(status >= 500 && { fault: true }),
    ...(status >= 400 && status < 500 && { error: true }),
    ...(status === 429 && { throttle: true }),
  };
}

/** storefront → inventory → its database; the stock query fails and the checkout with it. */
export function failedCheckout(start) {
  const traceId = newTraceId(start);
  const callId = hex(8);
  const exceptionId = hex(8);
  const at = (milliseconds) => start + milliseconds / 1000;
  const storefront = {
    name: "storefront",
    id: hex(8),
    trace_id: traceId,
    start_time: at(0),
    end_time: at(486.4),
    fault: true,
    user: "c-17",
    origin: "AWS::EC2::Instance",
    http: {
      request: {
        method: "POST",
        url: "http://shop.example/checkout?cart=8812",
        user_agent: "shopper/0.1",
        client_ip: "192.0.2.44",
      },
      response: { status: 502, content_length: 318 },
    },
    annotations: { customer: "c-17", items: 3, express: true },
    metadata: { shop: { cart: [{ sku: "tea-250", quantity: 2 }, { sku: "mug", quantity: 1 }] } },
    service: { version: "2.4.1" },
    aws: { xray: { sdk: "xray-cpp", sdk_version: "0.1.0" } },
    subsegments: [
      { name: "read-session", id: hex(8), start_time: at(1.2), end_time: at(3.9) },
      {
        name: "price-cart",
        id: hex(8),
        start_time: at(4.1),
        end_time: at(61.8),
        annotations: { currency: "EUR" },
        subsegments: [
          { name: "load-rates", id: hex(8), start_time: at(5.0), end_time: at(22.4) },
          { name: "apply-discounts", id: hex(8), start_time: at(22.6), end_time: at(61.0) },
        ],
      },
      {
        name: "inventory.shop.example",
        id: callId,
        namespace: "remote",
        start_time: at(63.0),
        end_time: at(471.3),
        fault: true,
        http: {
          request: { method: "POST", url: "http://inventory.shop.example/reserve", traced: true },
          response: { status: 500 },
        },
        cause: exceptionId,
      },
      {
        name: "render-error",
        id: hex(8),
        start_time: at(472.0),
        end_time: at(485.1),
        metadata: { page: { template: "oops.html", bytes: 318 } },
      },
    ],
  };
  const inventory = {
    name: "inventory",
    id: hex(8),
    parent_id: callId,
    trace_id: traceId,
    start_time: at(66.5),
    end_time: at(468.0),
    fault: true,
    http: {
      request: { method: "POST", url: "http://inventory.shop.example/reserve" },
      response: { status: 500 },
    },
    subsegments: [
      {
        name: "DynamoDB",
        id: hex(8),
        namespace: "aws",
        start_time: at(68.0),
        end_time: at(91.7),
        error: true,
        throttle: true,
        aws: { operation: "GetItem", table_name: "reservations", region: "eu-central-1", retries: 1 },
        http: { response: { status: 400 } },
      },
      {
        name: "stock@db.shop.example",
        id: hex(8),
        namespace: "remote",
        start_time: at(95.2),
        end_time: at(466.9),
        fault: true,
        sql: {
          url: "sqlite3:///var/lib/shop/stock.db",
          database_type: "SQLite",
          database_version: "3.40.1",
          sanitized_query: "UPDATE stock SET held = held + ? WHERE sku = ? AND free >= ?",
        },
        cause: {
          working_directory: "/srv/inventory",
          exceptions: [
            {
              id: exceptionId,
              type: "shop::ReservationFailed",
              message: "cannot hold 2 of tea-250: database is locked",
              cause: "00000000000000aa",
              truncated: 12,
              stack: [
                { label: "shop::Stock::hold(Sku const&, int)", path: "src/stock.cpp", line: 88 },
                { label: "shop::reserve(Request const&)", path: "src/reserve.cpp", line: 41 },
                { label: "main", path: "src/main.cpp", line: 27 },
              ],
            },
            {
              id: "00000000000000aa",
              type: "sqlite::Busy",
              message: "database is locked (SQLITE_BUSY)",
            },
          ],
        },
      },
    ],
  };
  return { traceId, documents: [storefront, inventory] };
}

export const HOSTILE = "<img src=x onerror=alert(1)>";

/** Names and values that want to be markup, another direction, a script. */
export function hostileTrace(start) {
  const traceId = newTraceId(start);
  return {
    traceId,
    documents: [
      {
        name: "hostile",
        id: hex(8),
        trace_id: traceId,
        start_time: start,
        end_time: start + 0.02,
        http: { request: { method: HOSTILE, url: "javascript:alert(2)//\u202egpj.exe" } },
        origin: `AWS::\u202e${HOSTILE}`,
        user: "javascript:alert(4)",
        // Written so, it is a member like any other.
        annotations: { note: HOSTILE, ["__proto__"]: "polluted", constructor: "built", long: "y".repeat(900) },
        metadata: { "</pre><script>alert(3)</script>": { value: HOSTILE, long: "x".repeat(30_000) } },
        fault: true,
        cause: { exceptions: [{ id: hex(8), type: HOSTILE, message: `a\u0007b ${HOSTILE}` }] },
      },
    ],
  };
}

export const HOSTILE_NAME = "script & %3Cb%3E \"quoted\" \\ </text><script>";

/** Services whose names X-Ray would refuse, and one that is long. */
export function hostileServices(start) {
  const traceId = newTraceId(start);
  const called = (name) => call(name, start + 0.001, start + 0.002);
  return [
    [
      segment("hostile-caller", undefined, traceId, start, start + 0.01, {
        subsegments: [called(HOSTILE_NAME), called("\u202egnol".repeat(30)), called("a\u0007b")],
      }),
    ],
  ];
}

/** A segment that has begun and its end, to be sent later. */
export function unfinishedRequest(start) {
  const traceId = newTraceId(start);
  const begun = { name: "nightly-report", id: hex(8), trace_id: traceId, start_time: start };
  return {
    traceId,
    begun: { ...begun, in_progress: true },
    ended: { ...begun, end_time: start + 2.5 },
  };
}

/** One segment with many subsegments, ten a group. */
export function longTrace(start, groups) {
  const traceId = newTraceId(start);
  const step = 0.001;
  const subsegments = Array.from({ length: groups }, (_, group) => ({
    name: `group-${group}`,
    id: hex(8),
    start_time: start + group * 10 * step,
    end_time: start + (group + 1) * 10 * step,
    subsegments: Array.from({ length: 10 }, (_, index) => ({
      name: `step-${group * 10 + index}`,
      id: hex(8),
      start_time: start + (group * 10 + index) * step,
      end_time: start + (group * 10 + index + 1) * step,
    })),
  }));
  const end = start + groups * 10 * step;
  const whole = { name: "batch", id: hex(8), trace_id: traceId, start_time: start, end_time: end };
  return { traceId, documents: [{ ...whole, subsegments }] };
}

/** Numbers that look random and are the same in each run. */
function repeatableNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * What customers of the shop do between two times: `count` traces, evenly spread. All four colours
 * are in them: the stock database locks up (faults), carts are refused (errors), reservations are
 * throttled, and most requests go well.
 */
export function shopTraffic(start, end, count, seed = 1) {
  const random = repeatableNumbers(seed);
  return Array.from({ length: count }, (_, index) => {
    const begun = start + ((index + random() * 0.9) / count) * (end - start);
    const kind = random();
    if (kind < 0.5) return browse(begun, random);
    return kind < 0.8 ? checkout(begun, random) : search(begun, random);
  });
}

/** Seconds around `usual`, now and then many times as long. */
function someTime(random, usual) {
  const tail = random() < 0.06 ? 3 + 6 * random() : 1;
  return usual * (0.6 + 0.8 * random()) * tail;
}

const FAILED = { fault: true };
const REFUSED = { error: true };
const THROTTLED = { error: true, throttle: true };

function segment(name, origin, traceId, begun, ended, rest = {}) {
  return {
    name,
    id: hex(8),
    trace_id: traceId,
    start_time: begun,
    end_time: ended,
    ...(origin && { origin }),
    ...rest,
  };
}

function call(name, begun, ended, rest = {}) {
  return { name, id: hex(8), namespace: "remote", start_time: begun, end_time: ended, ...rest };
}

function httpOf(method, path, status) {
  return {
    http: { request: { method, url: `http://shop.example${path}` }, response: { status } },
  };
}

function sessionRead(begun, random, outcome = {}) {
  return call("DynamoDB", begun, begun + someTime(random, 0.004), {
    namespace: "aws",
    aws: { operation: "GetItem", table_name: "sessions", region: "eu-central-1" },
    ...outcome,
  });
}

function statement(name, type, query, begun, ended, outcome = {}) {
  return call(name, begun, ended, {
    sql: { database_type: type, sanitized_query: query },
    ...outcome,
  });
}

function browse(begun, random) {
  const traceId = newTraceId(begun);
  const session = sessionRead(begun + 0.001, random);
  const picture = call("S3", session.end_time, session.end_time + someTime(random, 0.018), {
    namespace: "aws",
    aws: { operation: "GetObject", bucket_name: "shop-pictures", region: "eu-central-1" },
  });
  const missing = random() < 0.05;
  const ended = picture.end_time + someTime(random, 0.008);
  return [
    segment("storefront", "AWS::ECS::Container", traceId, begun, ended, {
      ...httpOf("GET", missing ? "/items/unknown" : "/items/tea-250", missing ? 404 : 200),
      ...(missing && REFUSED),
      user: `c-${Math.floor(random() * 40)}`,
      subsegments: [session, picture],
    }),
  ];
}

function search(begun, random) {
  const traceId = newTraceId(begun);
  const took = someTime(random, 0.06);
  const asked = call("search.shop.example", begun + 0.002, begun + 0.006 + took);
  const found = statement(
    "catalogue@search-db.shop.example",
    "PostgreSQL",
    "SELECT sku FROM items WHERE words @@ ?",
    begun + 0.005,
    begun + 0.003 + took,
  );
  return [
    segment("storefront", "AWS::ECS::Container", traceId, begun, asked.end_time + 0.004, {
      ...httpOf("GET", "/search?q=green%20tea", 200),
      subsegments: [sessionRead(begun + 0.001, random), asked],
    }),
    segment("search", "AWS::Lambda::Function", traceId, begun + 0.004, begun + 0.005 + took, {
      parent_id: asked.id,
      subsegments: [found],
    }),
  ];
}

function checkout(begun, random) {
  const traceId = newTraceId(begun);
  const fate = random();
  const locked = fate < 0.1;
  const throttled = fate >= 0.1 && fate < 0.22;
  const declined = fate >= 0.22 && fate < 0.32;
  const outcome = locked ? FAILED : declined ? REFUSED : {};
  const status = locked ? 502 : declined ? 402 : 200;

  const asked = begun + 0.004;
  const reserved = call("DynamoDB", asked + 0.004, asked + 0.004 + someTime(random, 0.007), {
    namespace: "aws",
    aws: { operation: "UpdateItem", table_name: "reservations", region: "eu-central-1" },
    ...(throttled && THROTTLED),
  });
  const held = reserved.end_time + (locked ? 0.35 + 0.2 * random() : someTime(random, 0.015));
  const stock = statement(
    "stock@db.shop.example",
    "MySQL",
    "UPDATE stock SET held = held + ? WHERE sku = ?",
    reserved.end_time,
    held,
    locked ? FAILED : {},
  );
  const inventoryEnd = held + 0.003;
  const inventoryCall = call("inventory.shop.example", asked, inventoryEnd + 0.002, {
    ...(locked && FAILED),
    ...(throttled && THROTTLED),
  });

  const calls = [sessionRead(begun + 0.001, random), inventoryCall];
  let last = inventoryCall.end_time;
  if (!locked && !throttled) {
    const paid = call("api.payments.example", last, last + someTime(random, 0.12), {
      http: {
        request: { method: "POST", url: "https://api.payments.example/charges" },
        response: { status: declined ? 402 : 201 },
      },
      ...(declined && REFUSED),
    });
    calls.push(paid);
    last = paid.end_time;
    if (!declined) {
      const queued = call("SQS", last, last + someTime(random, 0.009), {
        namespace: "aws",
        aws: {
          operation: "SendMessage",
          queue_url: "https://sqs.eu-central-1.amazonaws.com/000000000000/orders",
          region: "eu-central-1",
        },
      });
      calls.push(queued);
      last = queued.end_time;
    }
  }
  const root = throttled ? { status: 429, flags: THROTTLED } : { status, flags: outcome };
  return [
    segment("storefront", "AWS::ECS::Container", traceId, begun, last + 0.006, {
      ...httpOf("POST", "/checkout", root.status),
      ...root.flags,
      annotations: { items: 1 + Math.floor(random() * 5) },
      subsegments: calls,
    }),
    segment("inventory", "AWS::ECS::Container", traceId, asked + 0.002, inventoryEnd, {
      parent_id: inventoryCall.id,
      ...(locked && FAILED),
      ...(throttled && THROTTLED),
      subsegments: [reserved, stock],
    }),
  ];
}

/** Traces through `count` services that call one another as a tree does; the client is one of them. */
export function wideMap(start, count, children = 4) {
  const names = Array.from({ length: count - 1 }, (_, index) => `service-${index}`);
  const traces = [];
  for (let parent = 0; parent * children + 1 < names.length; parent += 1) {
    const called = names.slice(parent * children + 1, (parent + 1) * children + 1);
    const traceId = newTraceId(start);
    const calls = called.map((name, index) => call(name, start + index * 0.01, start + index * 0.01 + 0.008));
    traces.push([
      segment(names[parent], undefined, traceId, start, start + 0.1, {
        // Without its parent, which another trace has: so clients call the first one only.
        ...(parent > 0 && { parent_id: hex(8) }),
        subsegments: calls,
      }),
      ...called.map((name, index) =>
        segment(name, undefined, traceId, calls[index].start_time, calls[index].end_time, {
          parent_id: calls[index].id,
        }),
      ),
    ]);
  }
  return traces;
}

/** One request to a gateway that calls all of the other services. */
export function gatewayMap(start, count) {
  const names = Array.from({ length: count - 2 }, (_, index) => `service-${index}`);
  return [calledServices(start, "gateway", new Map([["gateway", names]]))];
}

/** One request through services in ranks, each of them called by about two of the rank before. */
export function layeredMap(start, count, ranks = 6) {
  const each = (count - 2) / ranks;
  const names = Array.from({ length: count - 2 }, (_, index) => `service-${index}`);
  const rankOf = (index) => Math.floor(index / each);
  const calls = new Map([["gateway", names.filter((_, index) => rankOf(index) === 0)]]);
  names.forEach((name, index) => {
    if (rankOf(index) === 0) return;
    const first = Math.ceil((rankOf(index) - 1) * each);
    for (const step of [7, 31]) {
      const caller = names[first + ((index * step) % Math.floor(each))];
      calls.set(caller, [...(calls.get(caller) ?? []), name]);
    }
  });
  return [calledServices(start, "gateway", calls)];
}

/** The segments of one trace in which each service calls those that `calls` names. */
function calledServices(start, first, calls) {
  const traceId = newTraceId(start);
  const segments = [];
  const seen = new Set();
  const answer = (name, parent) => {
    // Whoever was called before has made his calls then.
    const called = seen.has(name) ? [] : (calls.get(name) ?? []);
    seen.add(name);
    const made = called.map((target) => [target, call(target, start + 0.002, start + 0.02)]);
    const rest = { ...(parent && { parent_id: parent }), subsegments: made.map(([, one]) => one) };
    segments.push(segment(name, undefined, traceId, start, start + 0.05, rest));
    for (const [target, one] of made) answer(target, one.id);
  };
  answer(first);
  return segments;
}

/** Sends traces, many segments a call. */
export async function putTraces(url, traces) {
  const documents = traces.flat();
  for (let sent = 0; sent < documents.length; sent += 200) {
    await putTrace(url, documents.slice(sent, sent + 200));
  }
}
