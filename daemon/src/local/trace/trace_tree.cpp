#include "local/trace/trace_tree.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "local/trace/inferred_segment.hpp"

namespace xrayd::local {

using Index = std::size_t;

namespace {

// One document for each id; sorted, so that the order of arrival is forgotten from here on.
std::vector<const SegmentDocument*> choose(std::span<const SegmentDocument* const> documents) {
  const auto identity = [&](Index i) {
    return std::pair(documents[i]->independent_subsegment, documents[i]->id);
  };
  std::vector<Index> sorted(documents.size());
  std::iota(sorted.begin(), sorted.end(), Index{0});
  std::sort(sorted.begin(), sorted.end(), [&](Index a, Index b) {
    return std::pair(identity(a), a) < std::pair(identity(b), b);
  });
  std::vector<const SegmentDocument*> chosen;
  chosen.reserve(documents.size());
  for (Index n = 0; n < sorted.size(); ++n) {
    const auto* document = documents[sorted[n]];
    if (n == 0 || identity(sorted[n]) != identity(sorted[n - 1])) {
      chosen.push_back(document);
    } else if (chosen.back()->in_progress) {
      chosen.back() = document;
    }
  }
  return chosen;
}

using IdList = std::vector<std::pair<EntityId, Index>>;

// The entities with that id: their second halves.
std::pair<IdList::const_iterator, IdList::const_iterator> with_id(const IdList& ids, EntityId id) {
  const auto first = std::lower_bound(ids.begin(), ids.end(), std::pair(id, Index{0}));
  auto last = first;
  while (last != ids.end() && last->first == id) ++last;
  return {first, last};
}

}  // namespace

class TraceTree::Builder {
 public:
  explicit Builder(std::span<const SegmentDocument* const> documents) {
    const auto chosen = choose(documents);
    constexpr std::size_t usual_parts = 4;
    tree_.entities.reserve(chosen.size() * usual_parts);
    places_.reserve(chosen.size() * usual_parts);
    for (Index i = 0; i < chosen.size(); ++i) {
      const Index top = add_entity(chosen[i]->json.value(), {}, i);
      tree_.entities[top].parent_id = chosen[i]->parent_id;
      (chosen[i]->independent_subsegment ? independents_ : tree_.segments).push_back(top);
    }
  }

  TraceTree build() {
    if (!independents_.empty()) {
      resolve_doubles();
      attach_independents();
    }
    collect_children();
    sort_by_start(tree_.segments);
    keep_what_hangs_together();
    list_ids();
    if (drop_inferred()) {
      keep_what_hangs_together();
      list_ids();
    }
    find_callers();
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
    auto& entity = tree_.entities.emplace_back();
    entity.json = &json;
    entity.members = EntityMembers(json);
    entity.id = parse_entity_id(entity.members.text(EntityMember::id)).value_or(0);
    entity.start = entity.members.number(EntityMember::start_time).value_or(0);
    entity.end = entity.members.number(EntityMember::end_time);
    places_.push_back(Place{above, document, false});
    if (const auto* subsegments = entity.members[EntityMember::subsegments]) {
      for (const auto& subsegment : subsegments->GetArray()) {
        add_entity(subsegment, index, document);
      }
    }
    return index;
  }

  template <typename Wanted>
  IdList ids_of(Wanted wanted) const {
    IdList ids;
    for (Index i = 0; i < places_.size(); ++i) {
      if (wanted(places_[i])) ids.emplace_back(tree_.entities[i].id, i);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  // A subsegment may have been sent inside its segment and once more on its own: the complete one
  // counts, and of two complete ones the embedded.
  void resolve_doubles() {
    const auto embedded = ids_of([](const Place& place) { return place.above.has_value(); });
    for (const Index top : independents_) {
      const auto [first, last] = with_id(embedded, tree_.entities[top].id);
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
    const auto ids = ids_of([](const Place& place) { return !place.superseded; });
    for (const Index top : independents_) {
      if (places_[top].superseded) continue;
      const auto [first, last] = with_id(ids, tree_.entities[top].parent_id.value_or(0));
      if (first != last) places_[top].above = first->second;
    }
  }

  void collect_children() {
    auto& children = tree_.children_;
    std::vector<Index> ends(places_.size(), 0);
    for (const auto& place : places_) {
      if (place.above && !place.superseded) ++ends[*place.above];
    }
    std::inclusive_scan(ends.begin(), ends.end(), ends.begin());
    children.resize(ends.empty() ? 0 : ends.back());
    std::vector<Index> filled(places_.size());
    for (Index i = 0; i < places_.size(); ++i) filled[i] = i == 0 ? 0 : ends[i - 1];
    for (Index i = 0; i < places_.size(); ++i) {
      const auto& place = places_[i];
      if (place.above && !place.superseded) children[filled[*place.above]++] = i;
    }
    for (Index i = 0; i < places_.size(); ++i) {
      const Index first = i == 0 ? 0 : ends[i - 1];
      const std::span own(children.data() + first, ends[i] - first);
      sort_by_start(own);
      tree_.entities[i].children = own;
    }
  }

  // From the segments down. What isn't reached hangs on a missing parent, in a circle or too deep.
  void keep_what_hangs_together() {
    struct Open {
      Index entity;
      std::size_t depth;
    };
    std::vector<Open> open;
    tree_.order_.clear();
    tree_.order_.reserve(places_.size());
    for (const Index segment : tree_.segments) {
      open.push_back({segment, 1});
      while (!open.empty()) {
        const auto [index, depth] = open.back();
        open.pop_back();
        tree_.order_.push_back(index);
        auto& entity = tree_.entities[index];
        entity.segment = segment;
        if (depth == max_entity_depth) entity.children = {};
        for (std::size_t i = entity.children.size(); i > 0; --i) {
          open.push_back({entity.children[i - 1], depth + 1});
        }
      }
    }
    tree_.orphans = 0;
    for (const Index top : independents_) {
      if (tree_.entities[top].segment == no_entity && !places_[top].superseded) ++tree_.orphans;
    }
  }

  // Before this the list is sorted by id and place in order, after it one is left for each id.
  void list_ids() {
    auto& ids = tree_.ids_;
    ids.clear();
    ids.reserve(tree_.order_.size());
    for (Index i = 0; i < tree_.order_.size(); ++i) {
      ids.emplace_back(tree_.entities[tree_.order_[i]].id, i);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end(),
                          [](const auto& a, const auto& b) { return a.first == b.first; }),
              ids.end());
    for (auto& [id, place] : ids) {
      place = tree_.order_[place];
      tree_.entities[place].owns_id = true;
    }
  }

  // Answers of X-Ray, ours too, hold segments that it inferred from calls. Sent once more they say
  // nothing that the call doesn't say: where it is here, the like of them is made from it again.
  bool drop_inferred() {
    const auto is_told_by_its_call = [&](Index segment) {
      const auto& entity = tree_.entities[segment];
      if (!entity.parent_id || !entity.members.flag(EntityMember::inferred)) return false;
      const Index call = tree_.find(*entity.parent_id);
      return call != no_entity && tree_.entities[call].end && is_call(tree_, call) &&
             !tree_.entities[tree_.entities[call].segment].members.flag(EntityMember::inferred);
    };
    const auto kept =
        std::remove_if(tree_.segments.begin(), tree_.segments.end(), is_told_by_its_call);
    if (kept == tree_.segments.end()) return false;
    tree_.segments.erase(kept, tree_.segments.end());
    for (const Index index : tree_.order_) {
      tree_.entities[index].owns_id = false;
      tree_.entities[index].segment = no_entity;
    }
    return true;
  }

  void find_callers() {
    for (const Index segment : tree_.segments) {
      auto& entity = tree_.entities[segment];
      if (!entity.parent_id) continue;
      const Index caller = tree_.find(*entity.parent_id);
      // Nobody is called by a part of himself.
      if (caller == no_entity || tree_.entities[caller].segment == segment) continue;
      entity.caller = caller;
      if (tree_.entities[caller].callee == no_entity) tree_.entities[caller].callee = segment;
    }
  }

  template <typename List>
  void sort_by_start(List&& indices) const {
    if (indices.size() < 2) return;
    std::sort(indices.begin(), indices.end(), [this](Index a, Index b) {
      const auto& left = tree_.entities[a];
      const auto& right = tree_.entities[b];
      return std::tie(left.start, left.id, a) < std::tie(right.start, right.id, b);
    });
  }

  // The first segment that nobody called; else the first whose caller sent nothing.
  void choose_root() {
    if (tree_.segments.empty()) return;
    const auto rank = [&](Index segment) {
      const auto& entity = tree_.entities[segment];
      if (!entity.parent_id) return 0;
      return entity.caller == no_entity ? 1 : 2;
    };
    tree_.root = *std::min_element(tree_.segments.begin(), tree_.segments.end(),
                                   [&](Index a, Index b) { return rank(a) < rank(b); });
  }

  TraceTree tree_;
  std::vector<Place> places_;
  std::vector<Index> independents_;
};

std::size_t TraceTree::find(EntityId id) const noexcept {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), std::pair(id, std::size_t{0}));
  return found != ids_.end() && found->first == id ? found->second : no_entity;
}

TraceTree build_trace_tree(std::span<const SegmentDocument* const> documents) {
  return TraceTree::Builder(documents).build();
}

std::string_view entity_name(const Entity& entity) noexcept {
  return first_characters(entity.members.text(EntityMember::name), max_name_characters);
}

}  // namespace xrayd::local
