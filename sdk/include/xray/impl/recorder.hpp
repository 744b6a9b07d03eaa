// The recording path: what segments and subsegments do to records.
#pragma once

#include <xray/impl/call_header.hpp>
#include <xray/impl/leaving_alone.hpp>
#include <xray/impl/places.hpp>
#include <xray/impl/segment_recorder.hpp>
#include <xray/impl/subsegment_recorder.hpp>
