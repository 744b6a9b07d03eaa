// What the program finds in a plugin with dlsym.
#pragma once

#include <cstdint>

#define FROM_PLUGIN extern "C" __attribute__((visibility("default")))

/// Records a subsegment of whatever segment is current; whether it was recorded.
using SubsegmentFunction = bool(const char* name);
/// Records a segment with a subsegment.
using SegmentFunction = void(const char* name);
/// Begins a segment that stays open; ends it.
using OpenFunction = void(const char* name);
using CloseFunction = void();
/// Statistics::documents_sent once everything has been sent.
using SentFunction = std::uint64_t();
/// From now on the plugin traces in a static destructor.
using ArmFunction = void(const char* name);
/// The plugin makes itself the receiver of documents.
using InstallFunction = void();
