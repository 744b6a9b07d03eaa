// What the SDK would have sent, parsed.
#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <vector>

#include <xray/testing.hpp>
#include <xray/xray.hpp>

namespace support {

using Json = rapidjson::Document;
using JsonValue = rapidjson::Value;

/// Captures documents as long as it lives. With XRAY_DOCUMENTS_DIR set it also appends each of them
/// to a file there, where the conformance tests check all of them against the schema.
class Capture {
 public:
  Capture();

  /// Everything that ended before the call, parsed; a document that is not JSON fails the test.
  [[nodiscard]] std::vector<Json> documents();
  /// The one document there is.
  [[nodiscard]] Json document();
  [[nodiscard]] std::vector<std::string> texts() { return emitter_->documents(); }
  void clear() { emitter_->clear(); }

 private:
  std::shared_ptr<xray::testing::CapturingEmitter> emitter_;
};

/// The first subsegment of that name, at any depth; null if there is none.
const JsonValue* find_subsegment(const JsonValue& entity, const std::string& name);

/// The only subsegment.
const JsonValue& only_subsegment(const JsonValue& entity);

/// A member that must be there.
const JsonValue& at(const JsonValue& object, const char* key);

std::string text_of(const JsonValue& value);

}  // namespace support
