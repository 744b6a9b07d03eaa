// The whole SDK, but for what needs more than the standard library.
#pragma once

#include <xray/aws.hpp>
#include <xray/capture.hpp>
#include <xray/config.hpp>
#include <xray/configuration.hpp>
#include <xray/context.hpp>
#include <xray/emitter.hpp>
#include <xray/entity.hpp>
#include <xray/http.hpp>
#include <xray/json.hpp>
#include <xray/lambda.hpp>
#include <xray/segment.hpp>
#include <xray/segment_id.hpp>
#include <xray/sql.hpp>
#include <xray/sqs.hpp>
#include <xray/statistics.hpp>
#include <xray/streaming.hpp>
#include <xray/subsegment.hpp>
#include <xray/trace_header.hpp>
#include <xray/trace_id.hpp>
#include <xray/unsampled.hpp>
#include <xray/version.hpp>
