// Where finished documents go.
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// Takes finished documents: an extension point, given to configure() in place of the built-in UDP
/// emitter. Called by one thread at a time: the SDK's sender, or in synchronous mode the thread
/// that ended a segment (as also after shutdown()).
///
/// - Nothing is recorded inside emit() and flush(). A segment that began before and is ended there
/// is
///   sent once they have returned; xray::flush() and xray::shutdown() don't wait there.
/// - They may take as long as they like, and the queue fills up meanwhile: nothing else waits for
///   them but the deadlines of xray::flush() and xray::shutdown(), which are kept.
/// - fork() waits 50 ms for them. A child has the same emitter, and uses it, if they returned in
/// that
///   time (or forked themselves). Otherwise they were cut off halfway, perhaps with a lock held:
///   the child never calls the emitter again, nor destroys it, and its documents are counted as
///   Statistics::dropped_send_failed until it has got another. (The built-in emitter is made anew.)
/// - An emitter is never destroyed at exit, and the library that its code comes from is kept in the
///   process: a plugin that gave one may be closed.
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
