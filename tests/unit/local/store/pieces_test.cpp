// The small parts that files of traces are made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "local/store/chunk_codec.hpp"
#include "local/store/document_places.hpp"
#include "local/store/id_filter.hpp"
#include "local/store/record_codec.hpp"
#include "local/store/terms.hpp"
#include "local/store/trace_reader.hpp"

namespace xrayd::local {
namespace {

TEST(ChunkCodec, gives_back_what_it_took_and_nothing_from_damage) {
  ChunkCompressor compressor;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "document " + std::to_string(i * i);
  const std::string compressed(compressor.compress(text));
  EXPECT_LT(compressed.size(), text.size() / 2);
  std::string out;
  ASSERT_TRUE(decompress_chunk(compressed, text.size(), out));
  EXPECT_EQ(out, text);
  EXPECT_FALSE(decompress_chunk(compressed, text.size() - 1, out));
  EXPECT_FALSE(decompress_chunk(compressed, text.size() + 1, out));
  EXPECT_FALSE(decompress_chunk(compressed, std::size_t{1} << 40U, out));
  EXPECT_FALSE(decompress_chunk(compressed.substr(1), text.size(), out));
  for (std::size_t i = 0; i < compressed.size(); i += 97) {
    auto damaged = compressed;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(decompress_chunk(damaged, text.size(), out) && out != text);
  }
}

TEST(RecordCodec, gives_back_what_it_took_and_nothing_from_damage) {
  std::string prefix;
  for (int i = 0; i < 200; ++i) prefix += "a record of service " + std::to_string(i % 7) + ';';
  RecordCodec codec(prefix);
  std::string buffer;
  for (const auto& record : {std::string("a record of service 3; and one more"), std::string("x"),
                             std::string(100'000, 'y'), prefix}) {
    std::string stored;
    append_record(record, &codec, stored);
    EXPECT_LE(stored.size(), record.size() + 1);
    EXPECT_TRUE(decode_record(stored, &codec, buffer) == record) << record.size();
    std::string plain;
    append_record(record, nullptr, plain);
    EXPECT_TRUE(decode_record(plain, nullptr, buffer) == record) << record.size();
    for (std::size_t size = 0; size < stored.size(); ++size) {
      ASSERT_FALSE(decode_record(std::string_view(stored).substr(0, size), &codec, buffer) ==
                   record);
    }
  }
  std::string stored;
  append_record(prefix, &codec, stored);
  EXPECT_LT(stored.size(), prefix.size() / 20);
  EXPECT_TRUE(decode_record(stored, nullptr, buffer).empty());
  EXPECT_TRUE(decode_record("", &codec, buffer).empty());
  EXPECT_TRUE(decode_record("\x7Fno such form", &codec, buffer).empty());
}

TEST(DocumentPlaces, come_back_and_neighbours_take_few_bytes) {
  std::vector<DocumentPlace> places{{7, 0, 1000}, {7, 1000, 900}, {7, 1900, 1}, {3, 50, 70}};
  const auto packed = pack_places(places);
  EXPECT_LE(packed.size(), 13U);
  std::vector<DocumentPlace> out;
  ASSERT_TRUE(unpack_places(bytes_of(packed), out));
  EXPECT_EQ(out, places);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    out.clear();
    static_cast<void>(unpack_places(bytes_of(packed).first(size), out));
    EXPECT_LE(out.size(), places.size());
  }
}

TEST(IdFilter, knows_what_was_added_and_little_else) {
  IdFilter filter(4096);
  for (std::uint64_t n = 0; n < 2000; ++n) filter.add(TraceId{n, n * 31});
  int mistaken = 0;
  for (std::uint64_t n = 0; n < 2000; ++n) {
    EXPECT_TRUE(filter.may_have(TraceId{n, n * 31}));
    mistaken += filter.may_have(TraceId{n, n * 31 + 1}) ? 1 : 0;
  }
  EXPECT_LT(mistaken, 100);
}

TEST(Terms, of_filters_are_among_those_of_records) {
  TraceRecord record;
  record.nodes.push_back({"shop", "AWS::EC2::Instance", {}, NodeState::active, true});
  RecordSegment segment;
  segment.node = 0;
  segment.user = "ann";
  segment.http.url = "http://shop/";
  segment.http.status = 500;
  segment.outcome.fault = true;
  record.segments.push_back(segment);
  record.annotations.push_back({"key", std::string_view("text"), 0});
  record.annotations.push_back({"number", 2.5, 0});
  record.annotations.push_back({"flag", true, 0});
  std::vector<Term> terms;
  terms_of(record, terms);
  const auto has = [&](const FilterTerm& wanted) {
    const auto term = term_of(wanted);
    return term && std::binary_search(terms.begin(), terms.end(), *term);
  };
  using Kind = FilterTerm::Kind;
  EXPECT_TRUE(has({Kind::service, {}, "shop"}));
  EXPECT_FALSE(has({Kind::service, {}, "sho"}));
  EXPECT_TRUE(has({Kind::annotation, "key", "text"}));
  EXPECT_FALSE(has({Kind::annotation, "number", "text"}));
  EXPECT_TRUE(has({Kind::annotation, "number", 2.5}));
  EXPECT_TRUE(has({Kind::annotation, "flag", true}));
  EXPECT_FALSE(has({Kind::annotation, "flag", false}));
  EXPECT_TRUE(has({Kind::user, {}, "ann"}));
  EXPECT_TRUE(has({Kind::http_url, {}, "http://shop/"}));
  EXPECT_TRUE(has({Kind::http_status, {}, 500.0}));
  EXPECT_TRUE(has({Kind::fault, {}, true}));
  EXPECT_FALSE(term_of({Kind::fault, {}, false}));
  EXPECT_FALSE(term_of({Kind::http_status, {}, 0.0}));
}

TEST(Terms, keys_come_back) {
  const std::vector<std::int64_t> keys{1, 2, 300, 1'000'000'000'000};
  std::string packed;
  pack_keys(keys, packed);
  std::vector<std::int64_t> out;
  ASSERT_TRUE(unpack_keys(bytes_of(packed), out));
  EXPECT_EQ(out, keys);
  EXPECT_FALSE(unpack_keys(bytes_of(packed).first(packed.size() - 1), out));
}

}  // namespace
}  // namespace xrayd::local
