// The shape of AWS SDK for C++'s tracing interface, as far as the adapter touches it. Not the SDK:
// own declarations of the same names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

// NOLINTBEGIN(readability-identifier-naming): names are the SDK's
namespace Aws {
using String = std::string;
template <typename Key, typename Value>
using Map = std::map<Key, Value>;
}  // namespace Aws

namespace smithy::components::tracing {

enum class TraceSpanStatus { UNSET, OK, ERROR };

class TraceSpan {
 public:
  explicit TraceSpan(Aws::String name) : name_(std::move(name)) {}
  virtual ~TraceSpan() = default;
  virtual void emitEvent(Aws::String name, const Aws::Map<Aws::String, Aws::String>& with) = 0;
  virtual void setAttribute(Aws::String key, Aws::String value) = 0;
  virtual void setStatus(TraceSpanStatus status) = 0;
  virtual void end() = 0;

 private:
  Aws::String name_;
};

}  // namespace smithy::components::tracing
// NOLINTEND(readability-identifier-naming)
