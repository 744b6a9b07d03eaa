// Catching what allocations throw, in programs built with exceptions and without.
#pragma once

#include <new>

#include <xray/config.hpp>

#if defined(__cpp_exceptions)
#define XRAY_TRY try
#define XRAY_CATCH_BAD_ALLOC catch (const std::bad_alloc&)
#else
#define XRAY_TRY
#define XRAY_CATCH_BAD_ALLOC if constexpr (false)
#endif
