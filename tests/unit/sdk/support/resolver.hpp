// Names that tests give addresses to: this program's getaddrinfo answers for them.
#pragma once

#include <string>
#include <vector>

namespace support {

/// From here on `host` has these addresses (in numbers, in this order); none: it is unknown.
void name_host(const std::string& host, const std::vector<std::string>& addresses);

/// While held, look-ups of named hosts don't return.
void hold_lookups(bool held);

/// Look-ups of named hosts so far, those that have not returned included.
unsigned lookups();

}  // namespace support
