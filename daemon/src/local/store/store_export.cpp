// The whole store, page by page, for who wants its documents as they came.
#include <algorithm>
#include <tuple>
#include <utility>

#include "local/store/store.hpp"

namespace xrayd::local {
namespace {

// A reader's connection is kept from others no longer than these take.
constexpr std::size_t ids_at_once = 256;

std::size_t size_of(const std::vector<std::string>& documents) {
  std::size_t size = 0;
  for (const auto& document : documents) size += document.size();
  return size;
}

}  // namespace

/// Fills one page.
class Store::Exporter {
 public:
  Exporter(const Store& store, const ExportQuery& query, std::vector<ExportedTrace>& page)
      : store_(store), query_(query), page_(page) {}

  /// False where the page is full and there may be more, behind position().
  bool fill() {
    if (query_.after.sequence == 0 && !add_live()) return false;
    const auto partitions = partitions_behind();
    return std::all_of(
        partitions.begin(), partitions.end(),
        [this](const PartitionPointer& partition) { return add_all_of(*partition); });
  }
  [[nodiscard]] const ExportPosition& position() const noexcept { return position_; }

 private:
  // Never without progress.
  [[nodiscard]] bool is_full() const {
    return begun_ &&
           (bytes_ >= query_.max_bytes || std::chrono::steady_clock::now() >= query_.deadline);
  }
  void go_to(const ExportPosition& position) {
    begun_ = true;
    position_ = position;
  }

  void take(const TraceId& id, std::vector<std::string> documents) {
    bytes_ += size_of(documents);
    page_.push_back({id, std::move(documents)});
  }

  bool add_live() {
    auto ids = store_.live_.ids();
    std::erase_if(ids, [this](const TraceId& id) { return !(query_.after.id < id); });
    std::sort(ids.begin(), ids.end());
    for (const auto& id : ids) {
      if (is_full()) return false;
      go_to({id, 0, {}, 0});
      if (query_.wanted) {
        const auto record = store_.record(id);
        if (!record || !query_.wanted(id, *record)) continue;
      }
      if (auto stored = store_.trace(id)) take(id, std::move(stored->documents));
    }
    return true;
  }

  [[nodiscard]] std::vector<PartitionPointer> partitions_behind() const {
    auto partitions = store_.snapshot();
    std::erase_if(partitions, [this](const PartitionPointer& partition) {
      return place_of(*partition) < std::tuple(query_.after.sequence, query_.after.file);
    });
    std::sort(partitions.begin(), partitions.end(),
              [](const PartitionPointer& a, const PartitionPointer& b) {
                return place_of(*a) < place_of(*b);
              });
    return partitions;
  }

  static std::tuple<std::int64_t, std::string> place_of(const Partition& partition) {
    return {partition.info().sequence, partition.file().filename().string()};
  }

  bool add_all_of(Partition& partition) {
    auto [sequence, file] = place_of(partition);
    const bool is_first =
        std::tie(sequence, file) == std::tie(query_.after.sequence, query_.after.file);
    ExportPosition position{{}, sequence, file, is_first ? query_.after.key : 0};
    for (;;) {
      const auto ids = partition.read(
          [&](TraceReader& reader) { return reader.ids(position.key, ids_at_once); });
      for (const auto& [key, id] : ids) {
        if (is_full()) return false;
        position.key = key;
        go_to(position);
        add_stored(partition, id);
      }
      // Also where the file is damaged, or gone meanwhile.
      if (ids.size() < ids_at_once) return true;
    }
  }

  void add_stored(Partition& partition, const TraceId& id) {
    auto documents =
        partition.read([&](TraceReader& reader) -> std::optional<std::vector<std::string>> {
          if (!query_.wanted) {
            auto trace = reader.trace(id);
            if (!trace) return std::nullopt;
            return std::move(trace->documents);
          }
          const auto row = reader.find(id);
          TraceRecord record;
          if (!row || !partition.unpack(row->record, record)) return std::nullopt;
          record.id = id;
          if (!query_.wanted(id, record)) return std::nullopt;
          auto trace = reader.trace(id);
          if (!trace) return std::nullopt;
          return std::move(trace->documents);
        });
    if (documents) take(id, *std::move(documents));
  }

  const Store& store_;
  const ExportQuery& query_;
  std::vector<ExportedTrace>& page_;
  ExportPosition position_;
  bool begun_ = false;
  std::size_t bytes_ = 0;
};

ExportPage Store::export_page(const ExportQuery& query) const {
  ExportPage page;
  Exporter exporter(*this, query, page.traces);
  if (!exporter.fill()) page.next = exporter.position();
  return page;
}

}  // namespace xrayd::local
