import assert from "node:assert/strict";
import { test } from "node:test";
import { indentedJson, parseJson, printJson } from "../src/model/exact_json";
import { flatMembers } from "../src/model/trace/flat_members";
import { isRecord, numberAt } from "../src/model/json";
import { readTraceFile } from "../src/model/traces/trace_file";

const ORDER = '{"order":9007199254740993,"text":"9007199254740993","list":[-12345678901234567890,1.5]}';

test("whole_numbers_that_JavaScript_would_round_are_kept_and_printed_as_they_were_written", () => {
  const value = parseJson(ORDER);
  assert.equal(printJson(value), ORDER);
  assert.ok(isRecord(value));
  assert.ok(!isRecord(value["order"]));
  assert.equal(numberAt(value, "order"), Number("9007199254740993"));
  const { shown } = flatMembers(value, 9);
  assert.deepEqual(shown.map((member) => member.value), [
    "9007199254740993",
    "9007199254740993",
    "[-12345678901234567890,1.5]",
  ]);
});

test("numbers_that_are_held_fractions_and_texts_with_many_digits_are_what_they_always_were", () => {
  const text = '{"a":1000000000000000,"b":0.12345678901234567,"c":"\\"1234567890123456789\\\\","d":1e21}';
  assert.deepEqual(parseJson(text), JSON.parse(text));
  assert.throws(() => parseJson("{12345678901234567890"));
});

test("raw_data_is_indented_and_otherwise_left_as_it_is_with_members_that_are_there_twice", () => {
  const text = '{"a":1,"a":[],"b":{},"c":[1.0,-0.0,{"d, [":"}\\""}],"n":18446744073709551615}';
  assert.equal(
    indentedJson(text),
    '{\n  "a": 1,\n  "a": [],\n  "b": {},\n  "c": [\n    1.0,\n    -0.0,\n    {\n      "d, [": "}\\""\n    }\n  ],\n  "n": 18446744073709551615\n}',
  );
  const plain = { a: [1, { b: null }], c: {}, d: [[]], e: "x" };
  assert.equal(indentedJson(JSON.stringify(plain)), JSON.stringify(plain, null, 2));
});

test("traces_imported_from_raw_data_keep_their_numbers", () => {
  const document = `{"trace_id":"1-00000001-000000000000000000000001","n":9007199254740993}`;
  const file = readTraceFile(indentedJson(`{"Id":"1","Segments":[${document}]}`));
  assert.deepEqual(file.documents, [document]);
});

test("long_texts_full_of_escapes_are_read_and_printed", () => {
  const text = `{"n":9007199254740993,"t":${JSON.stringify('"'.repeat(5_000_000))}}`;
  assert.equal(printJson(parseJson(text)), text);
  assert.equal(indentedJson(text).length, text.length + 9);
});
