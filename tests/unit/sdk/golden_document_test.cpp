// Whole documents, compared with files under golden/: what the narrower tests don't look at must
// not change unseen either.
//
// Ids, times, versions and stacks differ from run to run and are replaced by words (an id by the
// same word wherever it occurs); members are sorted, for their order says nothing. After a change
// that is meant,
//
//     XRAY_UPDATE_GOLDEN=1 unit_sdk_compiled_17 --gtest_filter='GoldenDocument.*'
//
// writes the files anew (and fails where one changed, so that nobody leaves it on); read the
// difference before committing it.
#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/documents.hpp"

using support::Capture;
using support::Json;
using support::JsonValue;

namespace {

/// Stands in front of a number while it is kept as text, as it was written.
constexpr std::string_view number_mark = "\xEE\x80\x80";

/// Builds a document whose numbers are marked texts.
class NumbersAsText {
 public:
  explicit NumbersAsText(std::string_view text) : text_(text) {}

  /// For Document::Populate.
  bool operator()(Json& document) {
    document_ = &document;
    rapidjson::MemoryStream stream(text_.data(), text_.size());
    rapidjson::Reader reader;
    return !reader
                .Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(
                    stream, *this)
                .IsError();
  }

  bool Null() { return document_->Null(); }
  bool Bool(bool value) { return document_->Bool(value); }
  bool Int(int value) { return document_->Int(value); }
  bool Uint(unsigned value) { return document_->Uint(value); }
  bool Int64(std::int64_t value) { return document_->Int64(value); }
  bool Uint64(std::uint64_t value) { return document_->Uint64(value); }
  bool Double(double value) { return document_->Double(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    const std::string marked = std::string(number_mark) + std::string(text, size);
    return document_->String(marked.data(), static_cast<rapidjson::SizeType>(marked.size()), true);
  }
  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    return document_->String(text, size, copy);
  }
  bool StartObject() { return document_->StartObject(); }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    return document_->Key(text, size, copy);
  }
  bool EndObject(rapidjson::SizeType members) { return document_->EndObject(members); }
  bool StartArray() { return document_->StartArray(); }
  bool EndArray(rapidjson::SizeType elements) { return document_->EndArray(elements); }

 private:
  std::string_view text_;
  Json* document_ = nullptr;
};

/// Makes documents of different runs alike.
class Normaliser {
 public:
  void normalise(JsonValue& value, rapidjson::MemoryPoolAllocator<>& memory) {
    if (value.IsArray()) {
      for (JsonValue& element : value.GetArray()) normalise(element, memory);
    }
    if (!value.IsObject()) return;
    for (const char* changing : {"stack", "truncated", "skipped"}) value.RemoveMember(changing);
    std::sort(value.MemberBegin(), value.MemberEnd(), [](const auto& left, const auto& right) {
      return support::text_of(left.name) < support::text_of(right.name);
    });
    for (auto& member : value.GetObject()) {
      const std::string key = support::text_of(member.name);
      if (key == "annotations" || key == "metadata") continue;  // the program's own words
      if (key == "start_time" || key == "end_time") {
        set(member.value, is_time(member.value) ? "time" : "NO TIME", memory);
      } else if (key == "sdk_version") {
        set(member.value, "version", memory);
      } else if ((key == "id" || key == "parent_id" || key == "cause") && member.value.IsString()) {
        set(member.value, word_for(support::text_of(member.value), 16, "id "), memory);
      } else if (key == "trace_id") {
        set(member.value, word_for(support::text_of(member.value), 35, "trace "), memory);
      } else {
        normalise(member.value, memory);
      }
    }
  }

 private:
  static void set(JsonValue& value, const std::string& text,
                  rapidjson::MemoryPoolAllocator<>& memory) {
    value.SetString(text.data(), static_cast<rapidjson::SizeType>(text.size()), memory);
  }

  /// Seconds since the epoch to the microsecond.
  static bool is_time(const JsonValue& value) {
    const std::string text = support::text_of(value);
    const std::size_t mark = number_mark.size();
    return text.compare(0, mark, number_mark) == 0 && text.size() == mark + 17 &&
           text[mark + 10] == '.' &&
           text.find_first_not_of("0123456789.", mark) == std::string::npos;
  }

  std::string word_for(const std::string& id, std::size_t size, const char* kind) {
    if (id.size() != size || id.find_first_not_of("0123456789abcdef-") != std::string::npos) {
      return "NO ID: " + id;
    }
    const auto [place, fresh] = words_.emplace(id, "");
    if (fresh) place->second = kind + std::to_string(++counts_[kind]);
    return place->second;
  }

  std::map<std::string, std::string> words_;
  std::map<std::string, int> counts_;
};

std::string normalised(const std::vector<std::string>& documents) {
  Normaliser normaliser;
  std::string result;
  for (const std::string& text : documents) {
    Json json;
    NumbersAsText parser(text);
    json.Populate(parser);
    EXPECT_TRUE(json.IsObject()) << text;
    if (!json.IsObject()) continue;
    normaliser.normalise(json, json.GetAllocator());
    rapidjson::StringBuffer out;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(out);
    writer.SetIndent(' ', 2);
    json.Accept(writer);
    result += std::string(out.GetString(), out.GetSize()) + "\n";
  }
  // A marked text is a number again.
  const std::string opening = "\"" + std::string(number_mark);
  for (std::size_t at = result.find(opening); at != std::string::npos;
       at = result.find(opening, at)) {
    result.erase(at, opening.size());
    result.erase(result.find('"', at), 1);
  }
  return result.empty() ? "no document\n" : result;
}

void expect_golden(const std::string& name, Capture& capture) {
  const std::string file = XRAY_GOLDEN_DIR "/" + name + ".json";
  const std::string actual = normalised(capture.texts());
  std::string expected;
  {
    std::ifstream in(file, std::ios::binary);
    expected.assign(std::istreambuf_iterator<char>(in), {});
  }
  if (std::getenv("XRAY_UPDATE_GOLDEN") != nullptr) {
    if (actual == expected) return;
    std::ofstream(file, std::ios::binary) << actual;
    ADD_FAILURE() << file << " was written anew";
    return;
  }
  EXPECT_EQ(expected, actual) << "if this change is meant: see the head of " << __FILE__;
}

xray::TraceHeader incoming() {
  return xray::TraceHeader::parse(
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1");
}

}  // namespace

TEST(GoldenDocument, of_a_bare_segment) {
  Capture capture;
  { const xray::Segment segment("checkout"); }
  expect_golden("bare_segment", capture);
}

TEST(GoldenDocument, of_a_segment_that_says_everything) {
  Capture capture;
  {
    xray::Segment segment("checkout.example", incoming());
    xray::HttpRequest request;
    request.method = "POST";
    request.url = "https://shop.example/cart?item=lamp";
    request.user_agent = "curl/8.4.0";
    request.client_ip = "192.0.2.7";
    request.x_forwarded_for = true;
    segment.set_http_request(request);
    segment.set_http_response(201, 1234);
    segment.set_user("alice");
    segment.set_origin("AWS::ECS::Container");
    segment.set_service_version("1.2.3");
    segment.add_annotation("customer", "c-17");
    segment.add_annotation("express", true);
    segment.add_metadata("cart", xray::Json(R"({"items":[{"id":1},{"id":2}]})"), "shop");
    segment.add_metadata("note", "hello");
    xray::Subsegment subsegment("charge");
  }
  expect_golden("segment_that_says_everything", capture);
}

TEST(GoldenDocument, of_calls_to_elsewhere) {
  Capture capture;
  {
    const xray::Segment segment("checkout", incoming());
    {
      xray::Subsegment call("api.example", xray::Namespace::remote);
      xray::HttpRequest request;
      request.method = "GET";
      request.url = "http://api.example/stock";
      request.traced = true;
      call.set_http_request(request);
      call.set_http_response(503);
    }
    { const xray::Subsegment aws("DynamoDB", xray::Namespace::aws); }
    xray::Subsegment query("stock@db.example", xray::Namespace::remote);
    xray::SqlQuery sql;
    sql.url = "postgresql://db.example:5432/stock";
    sql.connection_string = "host=db.example dbname=stock";
    sql.sanitized_query = "SELECT count(*) FROM stock WHERE id = $1";
    sql.database_type = "PostgreSQL";
    sql.database_version = "15.4";
    sql.driver_version = "150004";
    sql.user = "shop";
    sql.preparation = "statement";
    query.set_sql(sql);
    const xray::Subsegment rows("rows");
    const xray::Subsegment parse("parse");
  }
  expect_golden("calls_to_elsewhere", capture);
}

TEST(GoldenDocument, of_what_outlives_its_segment) {
  Capture capture;
  {
    std::optional<xray::Segment> segment;
    segment.emplace("checkout", incoming());
    xray::Subsegment late("late");
    { const xray::Subsegment in_time("in time"); }
    segment.reset();
    EXPECT_FALSE(capture.texts().empty());  // it is on its way before `late` ends
    late.add_annotation("k", "v");
    late.set_fault();
  }
  expect_golden("what_outlives_its_segment", capture);
}

TEST(GoldenDocument, of_the_unsampled_is_none) {
  Capture capture;
  {
    xray::Segment segment("checkout", xray::TraceHeader::parse("Sampled=0"));
    segment.add_annotation("k", "v");
    const xray::Subsegment subsegment("s");
  }
  expect_golden("unsampled", capture);
}

TEST(GoldenDocument, of_every_script_and_of_bytes_that_are_none) {
  Capture capture;
  {
    xray::Segment segment("日本 Größe ☃ \xff|?");
    segment.set_user("ユーザー\"\\/\b\f\n\r\t\x01\x7f");
    segment.add_annotation("greeting", "grüß dich, \xF0\x9F\x98\x80 \xff\xfe.");
    segment.add_annotation("cut", "\xe2\x82");
    segment.add_metadata("Schlüssel \"\n", "Wert \x1f\xc0\x80", "Namensraum \xff");
    segment.add_metadata("zero", std::string_view("a\0b", 3));
    segment.add_metadata("escaped", xray::Json("\"\\u00e9\\ud83d\\ude00\\n\""));
  }
  expect_golden("every_script", capture);
}

TEST(GoldenDocument, of_annotations) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_annotation("text", "t");
    segment.add_annotation("no", false);
    segment.add_annotation("least", std::numeric_limits<std::int64_t>::min());
    segment.add_annotation("most", std::numeric_limits<std::uint64_t>::max());
    segment.add_annotation("third", 1.0 / 3);
    segment.add_annotation("tiny", 5e-324);
    segment.add_annotation("huge", -1.7976931348623157e308);
    segment.add_annotation("whole", 3.0);
    segment.add_annotation("A.b_9", "keys of all allowed kinds");
    segment.add_annotation("again", 1);
    segment.add_annotation("again", "the last value counts");
    segment.add_annotation("nan", std::numeric_limits<double>::quiet_NaN());
    segment.add_annotation("infinite", std::numeric_limits<double>::infinity());
    segment.add_annotation("not allowed", 1);
    segment.add_annotation("", 1);
    segment.add_annotation("empty", "");
  }
  expect_golden("annotations", capture);
}

TEST(GoldenDocument, of_metadata) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_metadata("text", "t");
    segment.add_metadata("number", -2.5);
    segment.add_metadata("nan", std::numeric_limits<double>::quiet_NaN());
    segment.add_metadata("infinite", -std::numeric_limits<double>::infinity(), "other");
    segment.add_metadata("whole", 42, "other");
    segment.add_metadata("yes", true, "other");
    segment.add_metadata("json", xray::Json(" [1, 2.50, {\"a\": null}, \"b\"] "));
    segment.add_metadata("broken", xray::Json("{\"a\":"));
    segment.add_metadata("again", 1);
    segment.add_metadata("again", 2);
    segment.add_metadata("", "an empty key", "");
    segment.add_metadata("reserved", 1, "AWS.mine");
  }
  expect_golden("metadata", capture);
}

TEST(GoldenDocument, of_exceptions) {
  Capture capture;
  {
    xray::Segment segment("s");
    try {
      xray::capture("query", []() -> void {
        try {
          throw std::runtime_error("no \"route\" to host");
        } catch (...) {
          std::throw_with_nested(std::logic_error("query failed"));
        }
      });
    } catch (const std::exception& exception) {
      segment.add_exception(exception);
    }
    xray::Subsegment by_hand("by hand");
    by_hand.add_exception(std::out_of_range("first"));
    by_hand.add_exception(std::make_exception_ptr(42));
  }
  expect_golden("exceptions", capture);
}

TEST(GoldenDocument, of_flags) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.set_http_response(429);
    { xray::Subsegment("client error").set_http_response(404, 0); }
    { xray::Subsegment("fault").set_fault(); }
    { xray::Subsegment("throttle").set_throttle(); }
    xray::Subsegment taken_back("taken back");
    taken_back.set_error();
    taken_back.set_fault();
    taken_back.set_error(false);
    taken_back.set_fault(false);
  }
  expect_golden("flags", capture);
}
