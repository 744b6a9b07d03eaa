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
