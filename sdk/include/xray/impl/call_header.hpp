// The header that calls take along.
#pragma once

#include <xray/impl/header_access.hpp>
#include <xray/impl/id_source.hpp>
#include <xray/impl/record.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The header for a call made on behalf of `node`, or of an unsampled record.
inline TraceHeader header_of(Record* record, const Node* node) noexcept {
  TraceHeader header;
  if (record == nullptr) return header;
  if (record->pass_through) {
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(record->parent_id));
    header.set_sampling(record->asked);
  } else if (!record->sampled) {
    // Ids of an unsampled segment are made when somebody asks; this may be several threads at once.
    pthread_mutex_lock(&unsampled_mutex);
    if (!record->trace_id.valid()) {
      record->trace_id = new_trace_id(thread_state, nanoseconds_of(CLOCK_REALTIME));
    }
    if (record->unsampled_id == 0) record->unsampled_id = new_segment_id(thread_state);
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(record->unsampled_id));
    pthread_mutex_unlock(&unsampled_mutex);
    header.set_sampling(Sampling::not_sampled);
  } else {
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(node->id));
    header.set_sampling(record->provisional ? Sampling::not_sampled : Sampling::sampled);
  }
  header.set_extras(record->extras.view());
  if (record->tracestate.size != 0) HeaderAccess::restore(header, record->tracestate.view());
  return header;
}

}  // namespace detail
XRAY_NAMESPACE_END
