#include "local/trace_tree.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace xrayd::local {
namespace {

using Index = std::size_t;

// One document for each id; sorted, so that the order of arrival is forgotten from here on.
std::vector<const SegmentDocument*> choose(std::span<const SegmentDocument* const> documents) {
  std::map<std::pair<bool, EntityId>, const SegmentDocument*> chosen;
  for (const SegmentDocument* document : documents) {
    const auto [place, inserted] =
        chosen.try_emplace({document->independent_subsegment, document->id}, document);
    if (!inserted && place->second->in_progress) place->second = document;
  }
  std::vector<const SegmentDocument*> sorted;
  sorted.reserve(chosen.size());
  for (const auto& [key, document] : chosen) sorted.push_back(document);
  return sorted;
}

class TreeBuilder {
 public:
  explicit TreeBuilder(std::span<const SegmentDocument* const> documents) {
    for (const SegmentDocument* document : choose(documents)) {
      const Index top = add_entity(document->json.value(), {}, roots_.size());
      tree_.entities[top].parent_id = document->parent_id;
      roots_.push_back(top);
      (document->independent_subsegment ? independents_ : tree_.segments).push_back(top);
    }
  }

  TraceTree build() {
    resolve_doubles();
    attach_independents();
    keep_what_hangs_together();
    for (auto& entity : tree_.entities) sort_by_start(entity.children);
    sort_by_start(tree_.segments);
    choose_root();
    return std::move(tree_);
  }

 private:
  // What only the building needs to know of an entity.
  struct Place {
    std::optional<Index> above;
    Index document = 0;
    bool superseded = false;
  };

  // Recursion is bounded by the depth of a document.
  Index add_entity(const rapidjson::Value& json, std::optional<Index> above, Index document) {
    const Index index = tree_.entities.size();
    Entity entity;
    entity.json = &json;
    entity.id = parse_entity_id(*text_member(json, "id")).value_or(0);
    entity.start = number_member(json, "start_time").value_or(0);
    entity.end = number_member(json, "end_time");
    tree_.entities.push_back(std::move(entity));
    places_.push_back(Place{above, document, false});
    if (const auto* subsegments = member(json, "subsegments")) {
      for (const auto& subsegment : subsegments->GetArray()) {
        add_entity(subsegment, index, document);
      }
    }
    return index;
  }

  // A subsegment may have been sent inside its segment and once more on its own: the complete one
  // counts, and of two complete ones the embedded.
  void resolve_doubles() {
    std::unordered_multimap<EntityId, Index, EntityIdHash> embedded;
    for (Index i = 0; i < places_.size(); ++i) {
      if (places_[i].above) embedded.emplace(tree_.entities[i].id, i);
    }
    for (const Index top : independents_) {
      const auto [first, last] = embedded.equal_range(tree_.entities[top].id);
      for (auto it = first; it != last; ++it) {
        const Index other = it->second;
        if (places_[other].document == places_[top].document) continue;
        const bool newer = tree_.entities[top].end && !tree_.entities[other].end;
        places_[newer ? other : top].superseded = true;
      }
    }
    // Entities stand before what is below them, so one pass reaches all of it.
    for (auto& place : places_) {
      if (place.above && places_[*place.above].superseded) place.superseded = true;
    }
  }

  void attach_independents() {
    std::unordered_map<EntityId, Index, EntityIdHash> by_id;
    for (Index i = 0; i < places_.size(); ++i) {
      if (!places_[i].superseded) by_id.try_emplace(tree_.entities[i].id, i);
    }
    for (const Index top : independents_) {
      if (places_[top].superseded) continue;
      const auto parent = by_id.find(tree_.entities[top].parent_id.value_or(0));
      if (parent != by_id.end()) places_[top].above = parent->second;
    }
    for (Index i = 0; i < places_.size(); ++i) {
      const auto& place = places_[i];
      if (place.above && !place.superseded) tree_.entities[*place.above].children.push_back(i);
    }
  }

  // From the segments down. What isn't reached hangs on a missing parent, in a circle or too deep.
  void keep_what_hangs_together() {
    std::vector<bool> reached(places_.size(), false);
    std::vector<Index> level = tree_.segments;
    for (std::size_t depth = 1; !level.empty(); ++depth) {
      std::vector<Index> next;
      for (const Index i : level) {
        reached[i] = true;
        auto& children = tree_.entities[i].children;
        if (depth == max_entity_depth) children.clear();
        next.insert(next.end(), children.begin(), children.end());
      }
      level = std::move(next);
    }
    for (const Index top : independents_) {
      if (!reached[top] && !places_[top].superseded) ++tree_.orphans;
    }
  }

  void sort_by_start(std::vector<Index>& indices) const {
    std::sort(indices.begin(), indices.end(), [this](Index a, Index b) {
      const auto& left = tree_.entities[a];
      const auto& right = tree_.entities[b];
      return std::tie(left.start, left.id, a) < std::tie(right.start, right.id, b);
    });
  }

  // The first segment that nobody called; else the first whose caller sent nothing.
  void choose_root() {
    if (tree_.segments.empty()) return;
    std::unordered_map<EntityId, Index, EntityIdHash> by_id;
    for (const Index i : tree_.in_order()) by_id.try_emplace(tree_.entities[i].id, i);
    const auto rank = [&](Index segment) {
      const auto& parent = tree_.entities[segment].parent_id;
      if (!parent) return 0;
      return by_id.contains(*parent) ? 2 : 1;
    };
    tree_.root = *std::min_element(tree_.segments.begin(), tree_.segments.end(),
                                   [&](Index a, Index b) { return rank(a) < rank(b); });
  }

  TraceTree tree_;
  std::vector<Place> places_;
  std::vector<Index> roots_;
  std::vector<Index> independents_;
};

}  // namespace

std::vector<std::size_t> TraceTree::in_order() const {
  std::vector<std::size_t> order;
  std::vector<std::size_t> open(segments.rbegin(), segments.rend());
  while (!open.empty()) {
    const std::size_t index = open.back();
    open.pop_back();
    order.push_back(index);
    const auto& children = entities[index].children;
    open.insert(open.end(), children.rbegin(), children.rend());
  }
  return order;
}

TraceTree build_trace_tree(std::span<const SegmentDocument* const> documents) {
  return TreeBuilder(documents).build();
}

}  // namespace xrayd::local
