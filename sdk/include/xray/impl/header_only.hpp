// Everything, for programs that link nothing. Each public header that has a body begins by
// including this file: all declarations come first, then all bodies, whichever header a program
// starts with. (That is why those headers have include guards below this include, and not `#pragma
// once`.)
#pragma once

#include <xray/eks.hpp>
#include <xray/log.hpp>
#include <xray/testing.hpp>
#include <xray/xray.hpp>

#include <xray/impl/configuration.ipp>
#include <xray/impl/context.ipp>
#include <xray/impl/coroutine.ipp>
#include <xray/impl/eks.ipp>
#include <xray/impl/entity.ipp>
#include <xray/impl/json_builder.ipp>
#include <xray/impl/lambda.ipp>
#include <xray/impl/log.ipp>
#include <xray/impl/naming.ipp>
#include <xray/impl/plugins.ipp>
#include <xray/impl/process_wide.hpp>
#include <xray/impl/propagation.ipp>
#include <xray/impl/runtime.ipp>
#include <xray/impl/samplers.ipp>
#include <xray/impl/segment.ipp>
#include <xray/impl/segment_id.ipp>
#include <xray/impl/statistics.ipp>
#include <xray/impl/subsegment.ipp>
#include <xray/impl/trace_header.ipp>
#include <xray/impl/trace_id.ipp>
#include <xray/impl/unsampled.ipp>
#include <xray/impl/version.ipp>
#include <xray/impl/w3c.ipp>
