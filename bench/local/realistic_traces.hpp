// Traces as a company's services would send them: twenty services, 1 to 200 segments a trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What stands in a document only when it is sent.
enum class Part : std::uint8_t {
  trace_id,   ///< 35 characters
  entity_id,  ///< 16; of the entity with that number within the trace
  time,       ///< 17: seconds with microseconds; that many microseconds into the trace
  customer,   ///< 7: c-12345; a few thousand different ones
  order,      ///< 12: of each trace another
};

struct Hole {
  std::size_t at = 0;
  Part part = Part::trace_id;
  std::uint32_t number = 0;
};

/// A segment document with holes.
struct DocumentShape {
  std::string text;
  std::vector<Hole> holes;
};

/// All documents of one kind of request, in the order in which services would send them: who is
/// called ends before who called.
struct TraceShape {
  std::vector<DocumentShape> documents;
  std::uint32_t entities = 0;
  /// Microseconds from the trace's start to its end.
  std::uint32_t length = 0;
};

/// Shapes with the sizes of real traffic: half of the traces have up to 5 segments, one in a
/// hundred has more than 100. About one in thirty has a fault, an error or a throttled call.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed);

  /// A shape, by chance.
  const TraceShape& next();
  /// Documents that shapes have on average, as they are chosen.
  [[nodiscard]] double mean_documents() const noexcept { return mean_documents_; }

  static constexpr std::size_t shapes = 200;

 private:
  std::mt19937_64 random_;
  std::vector<TraceShape> shapes_;
  double mean_documents_ = 0;
};

/// One trace of a shape, under way.
class OpenTrace {
 public:
  /// `number` makes the ids: of each trace another. `started` in microseconds since 1970.
  OpenTrace(const TraceShape& shape, std::uint64_t number, std::uint64_t started);

  [[nodiscard]] bool done() const noexcept { return next_ == shape_->documents.size(); }
  /// Appends the next document to `out`.
  void write_next(std::string& out);

 private:
  const TraceShape* shape_;
  std::uint64_t number_;
  std::uint64_t started_;
  std::size_t next_ = 0;
};

}  // namespace bench
