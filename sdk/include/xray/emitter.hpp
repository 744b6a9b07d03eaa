// Where finished documents go.
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// Takes finished documents: an extension point, given to configure() in place of the built-in UDP
/// emitter. Called by one thread at a time: the SDK's sender, or in synchronous mode the thread
/// that ended a segment.
class Emitter {
 public:
  Emitter() = default;
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  virtual ~Emitter() = default;

  /// One document: a JSON object in UTF-8, without header line, valid during the call only.
  virtual void emit(std::string_view document) noexcept = 0;

  /// The end of a burst: what emit() gathered should leave now.
  virtual void flush() noexcept {}
};

XRAY_NAMESPACE_END
