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

// Binaries built against different layouts of these types must not be mixed silently: a change of
// layout gets another inline namespace and so other symbols.
#define XRAY_NAMESPACE_BEGIN \
  namespace xray {           \
  inline namespace v0 {
#define XRAY_NAMESPACE_END \
  }                        \
  }
