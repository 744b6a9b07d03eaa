#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::text_of;

namespace {

constexpr std::size_t datagram = 64'512 - 31;

/// Ids of a document's subsegments, and whose child each is.
void collect(const support::JsonValue& entity, std::map<std::string, std::string>& parents) {
  const auto children = entity.FindMember("subsegments");
  if (children == entity.MemberEnd()) return;
  for (const auto& child : children->value.GetArray()) {
    const bool fresh = parents.emplace(text_of(at(child, "id")), text_of(at(entity, "id"))).second;
    EXPECT_TRUE(fresh) << "sent twice";
    collect(child, parents);
  }
}

std::map<std::string, std::string> all_parents(Capture& capture) {
  std::map<std::string, std::string> parents;
  for (const std::string& text : capture.texts()) EXPECT_LE(text.size(), datagram);
  for (const auto& document : capture.documents()) {
    if (document.HasMember("type")) {
      parents.emplace(text_of(at(document, "id")), text_of(at(document, "parent_id")));
    }
    collect(document, parents);
  }
  return parents;
}

}  // namespace

TEST(DocumentSize, a_segment_too_large_for_a_datagram_arrives_in_pieces) {
  Capture capture;
  const auto before = xray::statistics();
  std::string root;
  {
    xray::Segment segment("s");
    root = segment.id().to_string();
    for (int i = 0; i < 90; ++i) {
      xray::Subsegment subsegment("work " + std::to_string(i));
      subsegment.add_metadata("text", std::string(2'000, 'x'));
    }
  }
  const auto parents = all_parents(capture);
  EXPECT_EQ(parents.size(), 90U);
  for (const auto& [id, parent] : parents) EXPECT_EQ(parent, root);
  EXPECT_EQ(xray::statistics().documents_split - before.documents_split, 1U);
  EXPECT_EQ(xray::statistics().dropped_too_large, before.dropped_too_large);
}

TEST(DocumentSize, deep_nesting_is_cut_into_documents_that_readers_accept) {
  Capture capture;
  constexpr int depth = 5000;
  {
    const xray::Segment segment("s");
    std::vector<std::unique_ptr<xray::Subsegment>> stack;
    stack.reserve(depth);
    for (int i = 0; i < depth; ++i) stack.push_back(std::make_unique<xray::Subsegment>("deeper"));
    while (!stack.empty()) stack.pop_back();
  }
  EXPECT_EQ(all_parents(capture).size(), static_cast<std::size_t>(depth));
  EXPECT_GE(capture.texts().size(), static_cast<std::size_t>(depth / 100));
}

TEST(DocumentSize, a_metadata_value_of_ten_megabytes_arrives_cut_marked_and_counted) {
  Capture capture;
  const auto before = xray::statistics();
  {
    const xray::Segment segment("s");
    xray::Subsegment huge("huge");
    huge.add_annotation("kept", true);
    huge.add_metadata(
        "k", std::string(std::size_t{10'000'000}, 'x'));  // NOLINT(bugprone-string-constructor)
    const xray::Subsegment child("child");
  }
  std::set<std::string> names;
  std::string value;
  for (const auto& document : capture.documents()) {
    names.insert(text_of(at(document, "name")));
    if (!document.HasMember("metadata")) continue;
    EXPECT_TRUE(document.HasMember("annotations"));
    value = text_of(at(at(at(document, "metadata"), "default"), "k"));
  }
  EXPECT_EQ(all_parents(capture).size(), 2U);
  const std::string mark = " ... [cut: ";
  const std::size_t cut = value.find(mark);
  ASSERT_NE(cut, std::string::npos);
  EXPECT_GE(cut, 16'000U);
  EXPECT_EQ(value.substr(cut), mark + std::to_string(10'000'000 - cut) + " bytes more]");
  EXPECT_EQ(xray::statistics().metadata_truncated - before.metadata_truncated, 1U);
  EXPECT_EQ(xray::statistics().dropped_too_large, before.dropped_too_large);
}

TEST(DocumentSize, json_that_is_cut_becomes_a_string) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_metadata("k", xray::Json("[\"" + std::string(100'000, 'x') + "\"]"));
    segment.add_metadata("small", xray::Json("[1]"));
  }
  const auto document = capture.document();
  const auto& metadata = at(at(document, "metadata"), "default");
  EXPECT_EQ(text_of(at(metadata, "k")).substr(0, 4), "[\"xx");
  EXPECT_TRUE(at(metadata, "small").IsArray());
}

TEST(DocumentSize, a_text_is_not_cut_inside_a_character) {
  Capture capture;
  std::string text = "a";
  for (int i = 0; i < 40'000; ++i) text += "\xC3\xA9";
  {
    xray::Segment segment("s");
    segment.add_metadata("k", text);
  }
  EXPECT_EQ(capture.texts().at(0).find("\xEF\xBF\xBD"), std::string::npos);
}

TEST(DocumentSize, so_many_metadata_values_that_none_fits_leave_a_note_of_how_many) {
  Capture capture;
  const auto before = xray::statistics().metadata_truncated;
  {
    xray::Segment segment("s");
    for (int i = 0; i < 3000; ++i) {
      segment.add_metadata("key " + std::to_string(i), std::string(300, 'x'));
    }
  }
  const auto document = capture.document();
  EXPECT_EQ(at(at(at(document, "metadata"), "xray"), "cut").GetInt(), 3000);
  EXPECT_EQ(xray::statistics().metadata_truncated - before, 3000U);
}

TEST(DocumentSize, annotations_too_large_for_a_datagram_are_shortened_not_lost) {
  Capture capture;
  const auto before = xray::statistics();
  {
    const xray::Segment segment("s");
    xray::Subsegment huge("huge");
    for (int i = 0; i < 50; ++i) {
      huge.add_annotation(std::string(490, 'k') + std::to_string(i), std::string(1000, '"'));
    }
    const xray::Subsegment child("child");
  }
  EXPECT_EQ(all_parents(capture).size(), 2U);
  std::size_t annotations = 0;
  for (const auto& document : capture.documents()) {
    if (!document.HasMember("annotations")) continue;
    annotations = at(document, "annotations").MemberCount();
  }
  EXPECT_EQ(annotations, 50U);
  EXPECT_EQ(xray::statistics().dropped_too_large, before.dropped_too_large);
  EXPECT_EQ(xray::statistics().strings_truncated - before.strings_truncated, 50U);
}

TEST(DocumentSize, memory_of_one_entity_is_bounded_and_what_exceeds_it_counted) {
  Capture capture;
  const auto before = xray::statistics().dropped_no_memory;
  {
    xray::Segment segment("s");
    const std::string value(60'000, 'x');
    for (int i = 0; i < 1200; ++i) segment.add_metadata("k" + std::to_string(i), value);
  }
  EXPECT_GE(xray::statistics().dropped_no_memory - before, 50U);
}
