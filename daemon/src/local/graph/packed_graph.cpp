#include "local/graph/packed_graph.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "local/packing/bytes.hpp"

namespace xrayd::local {
namespace {

// The layout: version, left_out, the earliest second; the texts of types, those of accounts; nodes
// in their order, then edges by the nodes' places in it. Seconds count from the earliest one.
constexpr std::uint8_t version = 2;

// Flags of nodes and edges. A third of all nodes and edges are without figures in a minute, and
// what goes on after the answer is rare.
constexpr std::uint8_t state_mask = 3;
constexpr std::uint8_t is_root = 4;
constexpr std::uint8_t has_statistics = 8;
constexpr std::uint8_t has_other_durations = 16;
// Not all of its traces began there.
constexpr std::uint8_t has_other_traces = 32;
constexpr std::uint8_t kind_mask = 3;
constexpr std::uint8_t has_event_ages = 16;
constexpr std::uint8_t has_aliases = 32;
// Some of its calls aren't finished.
constexpr std::uint8_t has_other_calls = 64;

// What no counter reaches: sums of damaged ones must not overflow either.
constexpr std::uint64_t highest_count = std::uint64_t{1} << 40U;
// Ten thousand years.
constexpr std::uint64_t highest_second = std::uint64_t{1} << 38U;
constexpr std::uint64_t highest_time = std::uint64_t{1} << 62U;
constexpr double microseconds = 1e6;

std::uint64_t bounded(std::int64_t count) noexcept {
  return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)), highest_count);
}

// Texts that many nodes share, numbered.
class TextNumbers {
 public:
  std::uint64_t operator()(std::string_view text) {
    const auto [found, is_new] = numbers_.try_emplace(text, texts_.size());
    if (is_new) texts_.push_back(text);
    return found->second;
  }
  [[nodiscard]] const std::vector<std::string_view>& texts() const noexcept { return texts_; }

 private:
  std::map<std::string_view, std::uint64_t> numbers_;
  std::vector<std::string_view> texts_;
};

class Packer {
 public:
  Packer(const GraphSum& graph, std::string& out) : graph_(graph), writer_(out) {}

  void write() {
    writer_.byte(version);
    writer_.number(bounded(graph_.left_out()));
    writer_.number(find_first_second());
    for (const auto number : graph_.sorted_nodes()) {
      const auto& node = graph_.node_table()[number];
      types_(node.type);
      accounts_(node.account);
    }
    write_texts(types_.texts());
    write_texts(accounts_.texts());
    writer_.number(graph_.sorted_nodes().size());
    for (const auto number : graph_.sorted_nodes()) write_node(graph_.node_table()[number]);
    writer_.number(graph_.edge_table().size());
    const auto ranks = graph_.node_ranks();
    std::vector<GraphSum::EdgePlace> places;
    for (const auto number : graph_.sorted_nodes()) {
      graph_.sorted_edges(number, ranks, places);
      for (const auto& place : places) {
        writer_.number(ranks[number]);
        writer_.number(ranks[place.target]);
        write_edge(place.kind, graph_.edge_table()[place.edge].sum);
      }
    }
  }

 private:
  std::uint64_t find_first_second() {
    double first = static_cast<double>(highest_second);
    for (const auto& node : graph_.node_table()) first = std::min(first, node.sum.first);
    for (const auto& edge : graph_.edge_table()) first = std::min(first, edge.sum.first);
    first_second_ = first < static_cast<double>(highest_second) ? second_of(first) : 0;
    return first_second_;
  }

  static std::uint64_t second_of(double seconds) noexcept {
    return static_cast<std::uint64_t>(
        std::clamp(seconds, 0.0, static_cast<double>(highest_second)));
  }

  void write_texts(const std::vector<std::string_view>& texts) {
    writer_.number(texts.size());
    for (const auto text : texts) writer_.text(text);
  }

  void write_node(const GraphSum::Node& node) {
    const NodeSum& sum = node.sum;
    const bool figures = sum.statistics.total() != 0;
    const bool other_durations = !(sum.durations == sum.response_times);
    writer_.text(node.name);
    writer_.number(types_(node.type));
    writer_.number(accounts_(node.account));
    const bool other_traces = sum.root() && sum.traces != sum.roots;
    writer_.byte(static_cast<std::uint8_t>(
        static_cast<unsigned>(sum.state) | (sum.root() ? is_root : 0U) |
        (figures ? has_statistics : 0U) | (other_durations ? has_other_durations : 0U) |
        (other_traces ? has_other_traces : 0U)));
    writer_.number(bounded(sum.traces));
    if (other_traces) writer_.number(bounded(sum.roots));
    write_times(sum.first, sum.last);
    if (figures) write(sum.statistics);
    write(sum.response_times);
    if (other_durations) write(sum.durations);
  }

  void write_edge(CallKind kind, const EdgeSum& sum) {
    const bool figures = sum.statistics.total() != 0;
    const bool other_calls = sum.calls != sum.statistics.total();
    writer_.byte(static_cast<std::uint8_t>(
        static_cast<unsigned>(kind) | (figures ? has_statistics : 0U) |
        (sum.event_ages.empty() ? 0U : has_event_ages) | (sum.aliases.empty() ? 0U : has_aliases) |
        (other_calls ? has_other_calls : 0U)));
    if (other_calls) writer_.number(bounded(sum.calls));
    write_times(sum.first, sum.last);
    if (figures) write(sum.statistics);
    write(sum.response_times);
    if (!sum.event_ages.empty()) write(sum.event_ages);
    if (sum.aliases.empty()) return;
    writer_.number(sum.aliases.size());
    for (const auto& alias : sum.aliases) writer_.text(alias);
  }

  // Both are at least the first second of all.
  void write_times(double first, double last) {
    const std::uint64_t from = second_of(first);
    writer_.number(from - first_second_);
    writer_.number(std::max(second_of(last), from) - from);
  }

  void write(const CallStatistics& statistics) {
    writer_.number(bounded(statistics.ok));
    writer_.number(bounded(statistics.errors));
    writer_.number(bounded(statistics.throttles));
    writer_.number(bounded(statistics.faults));
    const double time = std::round(statistics.response_time * microseconds);
    writer_.number(
        static_cast<std::uint64_t>(std::clamp(time, 0.0, static_cast<double>(highest_time))));
  }

  void write(const Histogram& histogram) {
    std::size_t size = 0;
    histogram.each([&](Histogram::Bucket, std::int64_t) { ++size; });
    writer_.number(size);
    Histogram::Bucket last = 0;
    histogram.each([&](Histogram::Bucket bucket, std::int64_t count) {
      writer_.number(static_cast<std::uint64_t>(bucket - last));
      writer_.number(bounded(count));
      last = bucket;
    });
  }

  const GraphSum& graph_;
  ByteWriter writer_;
  std::uint64_t first_second_ = 0;
  TextNumbers types_;
  TextNumbers accounts_;
};

class Unpacker {
 public:
  Unpacker(std::span<const std::byte> bytes, GraphSum& graph)
      : bytes_(bytes), reader_(bytes), graph_(graph) {}

  bool read() {
    if (reader_.byte() != version) return false;
    graph_.leave_out(read_count());
    first_second_ = reader_.number();
    if (first_second_ > highest_second) return false;
    read_texts(types_);
    read_texts(accounts_);
    const std::size_t nodes = reader_.count();
    if (nodes > GraphSum::max_nodes) return false;
    numbers_.reserve(nodes);
    for (std::size_t i = 0; i < nodes && !reader_.failed(); ++i) read_node();
    const std::size_t edges = reader_.count();
    if (edges > GraphSum::max_edges) return false;
    for (std::size_t i = 0; i < edges && !reader_.failed(); ++i) read_edge();
    return !reader_.failed() && reader_.at_end();
  }

 private:
  void read_texts(std::vector<std::string_view>& texts) {
    const std::size_t size = reader_.count();
    if (size > GraphSum::max_nodes) reader_.fail();
    for (std::size_t i = 0; i < size && !reader_.failed(); ++i) texts.push_back(reader_.text());
  }

  std::string_view read_numbered(const std::vector<std::string_view>& texts) {
    const std::uint64_t number = reader_.number();
    if (number < texts.size()) return texts[number];
    reader_.fail();
    return {};
  }

  void read_node() {
    NodeKey key;
    key.name = reader_.text();
    key.type = read_numbered(types_);
    key.account = read_numbered(accounts_);
    const std::uint8_t flags = reader_.byte();
    constexpr unsigned known =
        state_mask | is_root | has_statistics | has_other_durations | has_other_traces;
    if ((flags & state_mask) > static_cast<unsigned>(NodeState::passive) || flags > known) {
      reader_.fail();
    }
    if (reader_.failed()) return;
    const auto number = graph_.number_of(key);
    numbers_.push_back(number);
    if (number == GraphSum::no_number) graph_.leave_out(1);
    NodeSum& sum = number == GraphSum::no_number ? no_node_ : graph_.node_sum(number);
    NodeSum seen;
    seen.state = static_cast<NodeState>(flags & state_mask);
    seen.traces = read_count();
    if ((flags & is_root) != 0) {
      seen.roots = (flags & has_other_traces) != 0 ? read_count() : seen.traces;
    }
    read_times(seen.first, seen.last);
    if ((flags & has_statistics) != 0) read(seen.statistics);
    if (reader_.failed()) return;
    sum += seen;
    if ((flags & has_other_durations) != 0) {
      read(sum.response_times);
      read(sum.durations);
    } else {
      read(sum.response_times, sum.durations);
    }
  }

  void read_edge() {
    const auto source = read_number();
    const auto target = read_number();
    const std::uint8_t flags = reader_.byte();
    constexpr unsigned known =
        kind_mask | has_statistics | has_event_ages | has_aliases | has_other_calls;
    if ((flags & kind_mask) > static_cast<unsigned>(CallKind::link) || (flags & ~known) != 0) {
      reader_.fail();
    }
    if (reader_.failed()) return;
    EdgeSum* edge = graph_.edge_between(source, target, static_cast<CallKind>(flags & kind_mask));
    if (edge == nullptr) {
      graph_.leave_out(1);
      edge = &no_edge_;
    }
    EdgeSum seen;
    if ((flags & has_other_calls) != 0) seen.calls = read_count();
    read_times(seen.first, seen.last);
    if ((flags & has_statistics) != 0) read(seen.statistics);
    if ((flags & has_other_calls) == 0) seen.calls = seen.statistics.total();
    if (reader_.failed()) return;
    *edge += seen;
    read(edge->response_times);
    if ((flags & has_event_ages) != 0) read(edge->event_ages);
    if ((flags & has_aliases) == 0) return;
    const std::size_t aliases = reader_.count();
    for (std::size_t i = 0; i < aliases && !reader_.failed(); ++i) edge->add_alias(reader_.text());
  }

  GraphSum::Number read_number() {
    const std::uint64_t rank = reader_.number();
    if (rank < numbers_.size()) return numbers_[rank];
    reader_.fail();
    return GraphSum::no_number;
  }

  void read_times(double& first, double& last) {
    const std::uint64_t from = reader_.number();
    const std::uint64_t length = reader_.number();
    if (from > highest_second || length > highest_second) reader_.fail();
    first = static_cast<double>(first_second_ + from);
    last = first + static_cast<double>(length);
  }

  std::int64_t read_count() {
    const std::uint64_t count = reader_.number();
    if (count <= highest_count) return static_cast<std::int64_t>(count);
    reader_.fail();
    return 0;
  }

  void read(CallStatistics& statistics) {
    statistics.ok = read_count();
    statistics.errors = read_count();
    statistics.throttles = read_count();
    statistics.faults = read_count();
    const std::uint64_t time = reader_.number();
    // Where nothing was counted nothing is written.
    if (time > highest_time || statistics.total() == 0) reader_.fail();
    statistics.response_time = static_cast<double>(time) / microseconds;
  }

  // One histogram's bytes into all of them.
  template <typename... Histograms>
  void read(Histograms&... histograms) {
    const std::size_t size = reader_.count();
    if (size > Histogram::bucket_count) reader_.fail();
    if (!reader_.failed()) read_entries(size, Histogram::Filler(histograms)...);
  }

  // Most of all bytes are read here, and most numbers are one byte.
  template <typename... Fillers>
  void read_entries(std::size_t size, Fillers&&... fillers) {
    std::span<const std::byte> bytes = bytes_.last(reader_.left());
    std::uint64_t bucket = 0;
    for (std::size_t i = 0; i < size; ++i) {
      std::uint64_t step = 0;
      std::uint64_t count = 0;
      if (bytes.size() >= 2 && ((bytes[0] | bytes[1]) & std::byte{0x80}) == std::byte{0}) {
        step = std::to_integer<std::uint64_t>(bytes[0]);
        count = std::to_integer<std::uint64_t>(bytes[1]);
        bytes = bytes.subspan(2);
      } else {
        ByteReader reader(bytes);
        step = std::min<std::uint64_t>(reader.number(), Histogram::bucket_count);
        count = reader.number();
        bytes = bytes.last(reader.left());
      }
      bucket += step;
      const bool in_order = i == 0 || step != 0;
      if (!in_order || bucket >= Histogram::bucket_count || count == 0 || count > highest_count) {
        reader_.fail();
        return;
      }
      (fillers.add(static_cast<Histogram::Bucket>(bucket), static_cast<std::int64_t>(count)), ...);
    }
    reader_ = ByteReader(bytes);
  }

  std::span<const std::byte> bytes_;
  ByteReader reader_;
  GraphSum& graph_;
  std::uint64_t first_second_ = 0;
  std::vector<std::string_view> types_;
  std::vector<std::string_view> accounts_;
  std::vector<GraphSum::Number> numbers_;
  // Where goes what has no room.
  NodeSum no_node_;
  EdgeSum no_edge_;
};

}  // namespace

void pack_graph(const GraphSum& graph, std::string& out) {
  Packer(graph, out).write();
}

bool add_packed_graph(std::span<const std::byte> bytes, GraphSum& graph) {
  return Unpacker(bytes, graph).read();
}

}  // namespace xrayd::local
