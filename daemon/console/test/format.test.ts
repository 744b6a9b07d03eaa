import assert from "node:assert/strict";
import { test } from "node:test";
import { axisTicks, formatTick } from "../src/model/axis";
import { formatAge, formatDuration, formatTime, splitUrl } from "../src/model/format";
import { boundsOf, parseTimeRange } from "../src/model/time_range";
import { normalTraceId } from "../src/model/trace_id";
import { visibleLine, visibleLines } from "../src/model/visible_text";

test("durations_have_three_digits_and_the_unit_that_suits_them", () => {
  const cases: [number | undefined, string][] = [
    [0.000_000_4, "1 µs"],
    [0.000_84, "840 µs"],
    [0.009_999, "10.0 ms"],
    [0.0124, "12.4 ms"],
    [0.1, "100 ms"],
    [0.9996, "1.00 s"],
    [59.96, "1 min 00 s"],
    [125, "2 min 05 s"],
    [7260, "2 h 01 min"],
    [1e300, "over 9,999 days"],
    [-1, "0 ms"],
    [undefined, "–"],
    [NaN, "–"],
  ];
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text);
});

test("ages_are_in_their_largest_unit_and_the_future_is_now", () => {
  assert.equal(formatAge(100, 99), "now");
  assert.equal(formatAge(100, 145), "45 s ago");
  assert.equal(formatAge(100, 100 + 7200), "2 h ago");
  assert.equal(formatAge(0, 86_400 * 3), "3 d ago");
});

test("axis_marks_are_round_few_and_inside_whatever_the_span", () => {
  for (const span of [3e-7, 0.0005, 0.486, 1, 7.3, 86_400 * 400]) {
    const ticks = axisTicks(span, 6);
    assert.ok(ticks.length >= 2 && ticks.length <= 7, `${ticks.length} marks for ${span}`);
    assert.ok(ticks.every(({ share }) => share >= 0 && share <= 1));
  }
  assert.deepEqual(axisTicks(0, 6), [{ share: 0, seconds: 0 }]);
  assert.deepEqual(axisTicks(Infinity, 6), [{ share: 0, seconds: 0 }]);
  assert.equal(formatTick(0.1, 0.486), "100 ms");
});

test("time_ranges_are_read_as_the_aws_console_writes_them_and_nonsense_is_an_hour", () => {
  assert.deepEqual(boundsOf(parseTimeRange("PT5M"), 1000.4), { start: 701, end: 1001 });
  assert.deepEqual(boundsOf(parseTimeRange("P1DT1H"), 100_000), { start: 10_001, end: 100_001 });
  const between = parseTimeRange("2026-11-22T10:00:00Z~2026-11-22T11:00:00Z");
  assert.equal(boundsOf(between, 0).end - boundsOf(between, 0).start, 3600);
  for (const text of [null, "", "PT", "1h", "PT0S", "x~y", "2026-11-22~2026-11-21"]) {
    assert.equal(parseTimeRange(text).text, "PT1H");
  }
});

test("trace_ids_are_taken_in_both_forms_and_nothing_else_is", () => {
  const id = "1-5759e988-bd862e3fe1be46a994272793";
  assert.equal(normalTraceId(id), id);
  assert.equal(normalTraceId("5759E988BD862E3FE1BE46A994272793"), id);
  for (const text of ["", "1-5759e988", `${id}0`, "../x", `${id}\n`]) {
    assert.equal(normalTraceId(text), undefined);
  }
});

test("text_cannot_hide_direction_or_control_characters_nor_be_endless", () => {
  assert.equal(visibleLine("a\u202egpj.exe"), "a⟨U+202E⟩gpj.exe");
  assert.equal(visibleLine("a\nb\u0000"), "a↵b⟨U+0000⟩");
  assert.equal(visibleLines("a\n\tb\u001b[31m"), "a\n\tb⟨U+001B⟩[31m");
  assert.equal(visibleLine("\ud800x"), "⟨U+D800⟩x");
  assert.equal(visibleLine("日本 👩‍👧"), "日本 👩‍👧");
  assert.equal(visibleLine("sh\u00adop\u3164"), "sh⟨U+00AD⟩op⟨U+3164⟩");
  assert.equal(visibleLine("shop\u{e0041}\u{e007f}"), "shop⟨U+E0041⟩⟨U+E007F⟩");
  assert.equal(visibleLine("abcdef", 4), "abcd … (2 more characters)");
  assert.equal(visibleLine("ab👍", 3), "ab … (2 more characters)");
});

test("addresses_are_split_and_text_that_is_none_stays_whole", () => {
  assert.deepEqual(splitUrl("http://a:1/b?c"), { host: "a:1", path: "/b?c" });
  assert.deepEqual(splitUrl("https://a"), { host: "a", path: "/" });
  assert.deepEqual(splitUrl("/b"), { host: "", path: "/b" });
});

test("a_time_has_its_day_where_that_is_not_todays_and_its_year_where_that_is_another", () => {
  const at = (text: string) => Date.parse(text) / 1000;
  const now = at("2026-11-22T15:12:41");
  assert.equal(formatTime(at("2026-11-22T01:02:03"), now), "01:02:03");
  assert.equal(formatTime(at("2026-11-21T15:12:41"), now), "21 Nov 15:12");
  assert.equal(formatTime(at("2019-11-22T15:12:41"), now), "22 Nov 2019 15:12");
});
