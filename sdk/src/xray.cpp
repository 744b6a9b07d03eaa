// The SDK, compiled once: the same bodies that header-only programs include.
#include <xray/impl/header_only.hpp>
