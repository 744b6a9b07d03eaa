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
    for (int i = 0; i < 3000; ++i) {
      xray::Subsegment subsegment("work " + std::to_string(i));
      subsegment.add_annotation("i", i);
      const xray::Subsegment child("child");
    }
  }
  const auto parents = all_parents(capture);
  EXPECT_EQ(parents.size(), 6000U);
  int of_root = 0;
  for (const auto& [id, parent] : parents) {
    if (parent == root) {
      ++of_root;
    } else {
      EXPECT_EQ(parents.count(parent), 1U);
    }
  }
  EXPECT_EQ(of_root, 3000);
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

TEST(DocumentSize, metadata_too_large_for_a_datagram_is_left_out_and_counted) {
  Capture capture;
  const auto before = xray::statistics().metadata_dropped;
  {
    const xray::Segment segment("s");
    xray::Subsegment huge("huge");
    huge.add_annotation("kept", true);
    huge.add_metadata("k", std::string(1'000'000, 'x'));
    const xray::Subsegment child("child");
  }
  EXPECT_FALSE(capture.texts().empty());
  std::set<std::string> names;
  bool kept = false;
  for (const auto& document : capture.documents()) {
    names.insert(text_of(at(document, "name")));
    EXPECT_FALSE(document.HasMember("metadata"));
    kept = kept || document.HasMember("annotations");
  }
  EXPECT_EQ(names, (std::set<std::string>{"s", "huge"}));
  EXPECT_TRUE(kept);
  EXPECT_EQ(xray::statistics().metadata_dropped - before, 1U);
}

TEST(DocumentSize, what_alone_exceeds_a_datagram_is_dropped_and_counted_and_its_children_are_not) {
  Capture capture;
  const auto before = xray::statistics().dropped_too_large;
  {
    const xray::Segment segment("s");
    xray::Subsegment huge("huge");
    for (int i = 0; i < 50; ++i) {
      huge.add_annotation(std::string(490, 'k') + std::to_string(i), std::string(1000, 'v'));
    }
    const xray::Subsegment child("child");
  }
  std::set<std::string> names;
  for (const auto& document : capture.documents()) names.insert(text_of(at(document, "name")));
  EXPECT_EQ(xray::statistics().dropped_too_large - before, 1U);
  EXPECT_EQ(names, (std::set<std::string>{"s", "child"}));
}

TEST(DocumentSize, memory_of_one_segment_is_bounded) {
  Capture capture;
  const auto before = xray::statistics().dropped_no_memory;
  {
    xray::Segment segment("s");
    const std::string value(60'000, 'x');
    for (int i = 0; i < 1200; ++i) segment.add_metadata("k" + std::to_string(i), value);
  }
  EXPECT_GE(xray::statistics().dropped_no_memory - before, 50U);
}
