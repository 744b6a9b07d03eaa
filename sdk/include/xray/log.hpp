// The trace that a log line belongs to.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_LOG_HPP
#define XRAY_LOG_HPP

#include <xray/context.hpp>
#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN

/// `AWS-XRAY-TRACE-ID: 1-5759e988-bd862e3fe1be46a994272793@53995c3f42cd8ad8`
using LogFields = FixedText<71>;
/// `1-5759e988-bd862e3fe1be46a994272793@53995c3f42cd8ad8`
using LogId = FixedText<52>;

/// What to put into a log line so that it is found from its trace, and the trace from it: trace and
/// current (sub)segment, in the form that X-Ray's other SDKs write. Unsampled ones too: the
/// callee's lines then have the same trace id. Empty without a current segment. Neither throws nor
/// allocates.
///
/// The two ids alone: current_trace_header().trace_id() and .parent_id().
XRAY_DECL LogFields log_fields() noexcept;
/// The same for a context taken earlier, such as on the thread that asked for the work.
XRAY_DECL LogFields log_fields(const Context& context) noexcept;

/// The value alone, for loggers that keep fields by name (the name is `AWS-XRAY-TRACE-ID`).
XRAY_DECL LogId log_id() noexcept;
XRAY_DECL LogId log_id(const Context& context) noexcept;

XRAY_NAMESPACE_END

#endif  // XRAY_LOG_HPP
