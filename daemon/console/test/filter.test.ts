import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facets, FacetValue } from "../src/api/facets";
import { carriedOn, suggestionsOf, withSuggestion } from "../src/model/traces/filter_offers";
import {
  hasTerm,
  termsOf,
  toggledTerm,
  withGroup,
  withResponseTimes,
} from "../src/model/traces/filter_terms";

test("the_terms_of_a_filter_are_what_and_joins_at_the_top", () => {
  assert.deepEqual(termsOf(""), []);
  assert.deepEqual(termsOf(" fault and  duration > 5 "), ["fault", "duration > 5"]);
  assert.deepEqual(termsOf('service("a AND b") { fault AND ok } AND user = "x \\" AND y"'), [
    'service("a AND b") { fault AND ok }',
    'user = "x \\" AND y"',
  ]);
  assert.deepEqual(termsOf("(ok OR error) AND fault"), ["(ok OR error)", "fault"]);
  assert.deepEqual(termsOf("ok OR error AND fault"), ["ok OR error AND fault"]);
  assert.deepEqual(termsOf("annotation.android = 1"), ["annotation.android = 1"]);
  // Whatever somebody has typed.
  for (const odd of ['"', "\\", ")))", 'a = "x', "AND AND", "{"]) termsOf(odd);
});

test("a_term_is_added_once_and_taken_away_again", () => {
  assert.equal(toggledTerm("", "fault"), "fault");
  assert.equal(toggledTerm("fault", 'user = "u"'), 'fault AND user = "u"');
  assert.equal(toggledTerm('fault AND user = "u"', "fault"), 'user = "u"');
  assert.equal(toggledTerm("ok OR error", "fault"), "(ok OR error) AND fault");
  assert.equal(toggledTerm("(ok OR error) AND fault", "fault"), "(ok OR error)");
  assert.ok(hasTerm('fault AND user = "u"', 'user = "u"'));
  assert.ok(!hasTerm('user = "u2"', 'user = "u"'));
});

test("chosen_response_times_take_the_place_of_those_chosen_before", () => {
  const first = withResponseTimes("fault", 0.1, 2);
  assert.equal(first, "fault AND responsetime >= 0.1 AND responsetime <= 2");
  assert.equal(
    withResponseTimes(first, 0.5, 1.26),
    "fault AND responsetime >= 0.5 AND responsetime <= 1.26",
  );
  assert.equal(
    withResponseTimes("responsetime > 5", 6, 7),
    "responsetime > 5 AND responsetime >= 6 AND responsetime <= 7",
  );
});

test("a_group_is_one_more_term", () => {
  assert.equal(withGroup("fault", ""), "fault");
  assert.equal(withGroup("", 'a"b'), 'group.name = "a\\"b"');
  assert.equal(withGroup("ok OR x", "slow"), '(ok OR x) AND group.name = "slow"');
});

const value = (text: string, count: number, detail = ""): FacetValue => ({
  value: text,
  detail,
  count,
  filter: "",
});

const facets: Facets = {
  scanned: 10,
  matched: 10,
  complete: true,
  values: new Map([
    ["Service", [value("shop", 9), value('say "hi"', 1, "AWS::EC2::Instance")]],
    ["HttpStatus", [value("200", 8), value("500", 2)]],
    ["Annotation", [value('"acme"', 4, "tenant"), value("3", 2, "cart.items"), value('"b"', 1, "tenant")]],
  ]),
};

test("offers_are_the_parsers_words_and_what_the_store_knows", () => {
  const offers = (kind: string, of: string, typed: string, text?: string) =>
    suggestionsOf(
      { begin: 0, end: 0, typed, offers: [{ kind, of, text: text ?? undefined }] },
      "",
      facets,
    ).map((suggestion) => suggestion.text);
  assert.deepEqual(offers("Keyword", "", "ht", "http.url"), ["http.url "]);
  assert.deepEqual(offers("Keyword", "", "", "service("), ["service("]);
  assert.deepEqual(offers("Keyword", "", "fault", "fault"), []);
  assert.deepEqual(offers("ServiceName", "", "SAY"), ['"say \\"hi\\""']);
  assert.deepEqual(offers("ServiceType", "", ""), ['"AWS::EC2::Instance"']);
  assert.deepEqual(offers("Value", "http.status", ""), ["200 ", "500 "]);
  assert.deepEqual(offers("Value", 'annotation["tenant"]', "a"), ['"acme" ']);
  assert.deepEqual(offers("Value", "responsetime", ""), []);
  assert.deepEqual(offers("AnnotationKey", "", ""), ["tenant ", '["cart.items"] ']);
});

test("a_suggestion_takes_the_place_of_what_was_typed_and_moves_the_cursor", () => {
  const suggestion = { label: "", hint: "", text: "http.url ", begin: 3, end: 5 };
  assert.deepEqual(withSuggestion("👍 ht = 1", { ...suggestion, begin: 2, end: 4 }), {
    filter: "👍 http.url = 1",
    cursor: 12,
  });
  assert.equal(withSuggestion("ok ht", suggestion).filter, "ok http.url ");
});

test("a_key_with_a_full_stop_is_written_in_brackets", () => {
  const completion = {
    begin: 11,
    end: 15,
    typed: "cart",
    offers: [{ kind: "AnnotationKey", of: "", text: undefined }],
  };
  const dotted = suggestionsOf(completion, "annotation.cart", facets)[0];
  assert.ok(dotted);
  assert.equal(withSuggestion("annotation.cart", dotted).filter, 'annotation["cart.items"] ');
  const bracketed = suggestionsOf(completion, "annotation[cart", facets)[0];
  assert.ok(bracketed);
  assert.equal(withSuggestion("annotation[cart", bracketed).filter, 'annotation["cart.items"] ');
});

test("offers_go_on_with_letters_written_since_and_with_nothing_else", () => {
  const offers = ["http.url", "http.method", "user"].map((text) => ({ kind: "Keyword", of: "", text }));
  const completion = { begin: 4, end: 6, typed: "ht", offers };
  const carried = carriedOn(completion, "NOT ht AND", "NOT http.m AND");
  assert.deepEqual([carried?.begin, carried?.end, carried?.typed], [4, 10, "http.m"]);
  assert.deepEqual(carried?.offers.map(({ text }) => text), ["http.method"]);
  assert.equal(carriedOn(completion, "NOT ht AND", "NOT ht AND"), completion);
  for (const changed of ["NOT h AND", "NOT ht= AND", "NOT ht ANDx", "xNOT ht AND", "", "NOT ht AN"]) {
    assert.equal(carriedOn(completion, "NOT ht AND", changed), undefined, changed);
  }
});
