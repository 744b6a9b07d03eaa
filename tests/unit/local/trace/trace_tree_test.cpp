#include "local/trace/trace_tree.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

class Tree {
 public:
  explicit Tree(const std::vector<std::string>& texts)
      : documents_(parsed(texts)), tree_(build_trace_tree(pointers_to(documents_))) {}

  const TraceTree* operator->() const { return &tree_; }
  [[nodiscard]] const Entity& of(EntityId id) const { return tree_.entities.at(tree_.find(id)); }
  [[nodiscard]] EntityId id_of(std::size_t entity) const {
    return entity == no_entity ? 0 : tree_.entities.at(entity).id;
  }

 private:
  std::vector<SegmentDocument> documents_;
  TraceTree tree_;
};

TEST(TraceTree, knows_who_called_whom_and_what_belongs_to_what) {
  const Tree tree({called_segment(5, 3, "stock", 0.5, 0.75), part(3, 2, "host", 0.25, 1),
                   segment(1, "shop", 0, 2, parts({members(2, "work", 0, 1)}))});
  EXPECT_EQ(tree.id_of(*tree->root), 1U);
  EXPECT_EQ(tree.id_of(tree.of(5).caller), 3U);
  EXPECT_EQ(tree.id_of(tree.of(3).callee), 5U);
  EXPECT_EQ(tree.of(2).callee, no_entity);
  EXPECT_EQ(tree.id_of(tree.of(3).segment), 1U);
  EXPECT_EQ(tree.id_of(tree.of(5).segment), 5U);
  ASSERT_EQ(tree->in_order().size(), 4U);
  EXPECT_EQ(tree.id_of(tree->in_order()[2]), 3U);
  ASSERT_EQ(tree.of(2).children.size(), 1U);
  EXPECT_EQ(tree.id_of(tree.of(2).children[0]), 3U);
}

TEST(TraceTree, the_earliest_of_several_that_answered_is_the_callee) {
  const Tree tree({segment(1, "shop", 0, 2, parts({members(2, "host", 0, 1)})),
                   called_segment(4, 2, "later", 0.5, 1), called_segment(5, 2, "first", 0.25, 1)});
  EXPECT_EQ(tree.id_of(tree.of(2).callee), 5U);
  EXPECT_EQ(tree.id_of(tree.of(4).caller), 2U);
}

TEST(TraceTree, nobody_is_called_by_himself_or_a_part_of_himself) {
  const Tree self({called_segment(1, 1, "a", 0, 1)});
  EXPECT_EQ(self.of(1).caller, no_entity);
  const Tree inside({called_segment(1, 2, "a", 0, 1, parts({members(2, "p", 0, 1)}))});
  EXPECT_EQ(inside.of(1).caller, no_entity);
  EXPECT_EQ(inside.of(2).callee, no_entity);
}

TEST(TraceTree, segments_that_call_each_other_in_a_circle_have_a_root) {
  const Tree tree({called_segment(1, 4, "a", 0, 1, parts({members(2, "to b", 0, 1)})),
                   called_segment(3, 2, "b", 0.5, 1, parts({members(4, "to a", 0, 1)}))});
  EXPECT_EQ(tree.id_of(*tree->root), 1U);
  EXPECT_EQ(tree.id_of(tree.of(1).caller), 4U);
  EXPECT_EQ(tree.id_of(tree.of(3).caller), 2U);
}

TEST(TraceTree, an_id_that_is_there_twice_means_the_first) {
  const Tree tree({segment(1, "a", 0, 2, parts({members(7, "x", 0, 1), members(7, "y", 0.5, 1)})),
                   segment(2, "b", 1, 2, parts({members(7, "z", 1, 2)}))});
  EXPECT_EQ(entity_name(tree.of(7)), "x");
  std::size_t owners = 0;
  for (const auto& entity : tree->entities) owners += entity.id == 7 && entity.owns_id ? 1U : 0U;
  EXPECT_EQ(owners, 1U);
}

TEST(TraceTree, orphans_belong_to_no_segment) {
  const Tree tree({segment(1, "a", 0, 1), part(2, 99, "p", 0, 1)});
  EXPECT_EQ(tree->orphans, 1U);
  EXPECT_EQ(tree->find(2), no_entity);
  EXPECT_EQ(tree->find(99), no_entity);
  EXPECT_EQ(tree->in_order().size(), 1U);
}

TEST(TraceTree, of_several_members_of_one_name_the_first_counts) {
  const Tree tree({R"({"id":"0000000000000001","name":"first","name":"second","trace_id":")" +
                   trace_of_tests.to_string() +
                   R"(","start_time":1,"start_time":5,"end_time":2,"user":null,"user":"u",)"
                   R"("subsegments":null,"subsegments":[5]})"});
  EXPECT_EQ(entity_name(tree.of(1)), "first");
  EXPECT_EQ(tree.of(1).start, 1);
  EXPECT_EQ(tree.of(1).members.text(EntityMember::user), "");
  EXPECT_TRUE(tree.of(1).children.empty());
}

TEST(TraceTree, a_tree_that_is_moved_keeps_its_children) {
  const auto documents = parsed({segment(1, "a", 0, 1, parts({members(2, "p", 0, 1)}))});
  TraceTree first = build_trace_tree(pointers_to(documents));
  const TraceTree second = std::move(first);
  ASSERT_EQ(second.entities[0].children.size(), 1U);
  EXPECT_EQ(second.entities[second.entities[0].children[0]].id, 2U);
}

}  // namespace
}  // namespace xrayd::local
