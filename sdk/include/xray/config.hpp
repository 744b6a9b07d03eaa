// How this SDK is built and linked: every other header includes this one first.
#pragma once

/// The version, as numbers for the preprocessor; xray::version() gives the library's as text.
#define XRAY_VERSION_MAJOR 0
#define XRAY_VERSION_MINOR 1
#define XRAY_VERSION_PATCH 0

// XRAY_HEADER_ONLY (set by the CMake target xray::header_only): the headers bring their bodies from
// impl/, all of it inline, and there is nothing to link. Without it the bodies are compiled once,
// in the library behind xray::sdk, and no header here needs more than the standard library.
#if defined(XRAY_HEADER_ONLY)
#define XRAY_DECL inline
#else
#define XRAY_DECL __attribute__((visibility("default")))
#endif

// Copies of the SDK that meet in one process (in the program, in plugins, in a preloaded library)
// share what is marked XRAY_PROCESS_WIDE: it is exported, so that the dynamic linker makes one of
// all of them, even (where the compiler is GCC: STB_GNU_UNIQUE) of plugins that don't see each
// other. Only constant-initialised variables of namespace scope, of a type without a destructor,
// may be marked; a static of an inline function would be one for each copy. Add each to
// impl/process_wide.hpp.
#define XRAY_PROCESS_WIDE __attribute__((visibility("default")))

// The inline namespace is the version that shares: it is part of every symbol, and copies of
// different versions never meet. Whatever changes the layout or the meaning of a type that two
// copies hand each other (in detail:: too) therefore needs another minor version.
#define XRAY_VERSION_NAMESPACE_(major, minor) v##major##_##minor
#define XRAY_VERSION_NAMESPACE(major, minor) XRAY_VERSION_NAMESPACE_(major, minor)
#define XRAY_NAMESPACE_BEGIN \
  namespace xray {           \
  inline namespace XRAY_VERSION_NAMESPACE(XRAY_VERSION_MAJOR, XRAY_VERSION_MINOR) {
#define XRAY_NAMESPACE_END \
  }                        \
  }
